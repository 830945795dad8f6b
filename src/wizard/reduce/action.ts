/** Keys beside the question: moving, leaving, cancelling, escalating. */
import { isAtApplication } from '../application.ts';
import { actionsOf } from '../actions.ts';
import { isBackupBusy } from '../backup.ts';
import { coachOpen, isAtList } from '../drill.ts';
import { finish, finishNow } from '../ending.ts';
import { isAtValues, leaveValues } from '../values.ts';
import { to, type Reduced } from '../reduced.ts';
import type { ActionId, State } from '../types.ts';
import { backToBackup, cancelBackup, openBackup } from './backup.ts';
import { cancelCommand, moveFocus, stopTyping } from './checklist.ts';
import { isAtDebrief } from '../debrief.ts';
import { isAtRehearsal, isRehearsing } from '../rehearsal.ts';
import { cancelRehearsal, closeRehearsal, openRehearsal } from './rehearsal.ts';
import { closeDebrief } from './debrief.ts';
import { backFromDecision, backFromForward, reconsider } from './decision.ts';
import { chooseForms, keepForms, toggleWhole } from './forms.ts';
import { dropSkeleton, enterForward, toggleSql } from './forward.ts';
import { backFromEscalation, cancelEscalation, toggleEscalation } from './escalate.ts';
import { retryNow, showBlockers } from './lock.ts';
import { stopWatching } from './other-run.ts';
import { dropConsent, startChecks } from './prerequisites.ts';
import { closeApplication, openApplication } from './application.ts';
import { closeCoach, leaveList, toggleCoach } from './drill.ts';
import { closeMending, openMending } from './mending.ts';
import { backInQuick, stopQuick } from './quick.ts';
import { rollbackNext, undoNext } from './report.ts';
import { backToPlan, cancelStep } from './step.ts';
import { changeTarget, keepTarget } from './target.ts';
import { startVerification } from './verification.ts';

/** Takes an action that is offered now; any other changes nothing. */
export function onAction(state: State, action: ActionId): Reduced {
  const offered = actionsOf(state).some((candidate) => candidate.id === action && candidate.enabled);
  return offered ? take(state, action) : to(state);
}

function take(state: State, action: ActionId): Reduced {
  switch (action) {
    case 'escalate':
      return coachOpen(state) ? escalateFromCoach(state) : toggleEscalation(state);
    case 'coach':
      return toggleCoach(state);
    case 'leave':
      return leave(state);
    case 'stay':
      return to({ ...state, leaving: false });
    case 'back':
      return back(state);
    case 'change':
      return changeTarget(state);
    case 'retry':
      return retry(state);
    case 'stop':
      return finish(state);
    case 'cancel':
      return cancel(state);
    case 'up':
      return moveFocus(state, -1);
    case 'down':
      return moveFocus(state, 1);
    case 'next':
    case 'run-command':
    case 'note':
    case 'help':
      return to(state);
    case 'forms':
      return chooseForms(state);
    case 'whole':
      return toggleWhole(state);
    case 'rehearse':
      return openRehearsal(state);
    case 'backup':
      return openBackup(state);
    case 'blockers':
      return showBlockers(state);
    case 'undo':
      return undoNext(state);
    case 'rollback':
      return rollbackNext(state);
    case 'sql':
      return toggleSql(state);
    case 'application':
      return openApplication(state);
    case 'mend':
      return openMending(state);
  }
}

/** Asks first; asked already, or with the result recorded, it leaves. */
function leave(state: State): Reduced {
  if (isAtList(state)) return leaveList(state);
  if (isAtValues(state)) return leaveValues(state);
  if (state.leaving || state.ending) return finishNow(state);
  return to({ ...state, leaving: true });
}

function retry(state: State): Reduced {
  if (state.screen === 'verification') return startVerification(state);
  if (state.screen === 'forward') return enterForward(state);
  return state.screen === 'step' ? retryNow(state) : startChecks(state);
}

function cancel(state: State): Reduced {
  if (state.escalating && ['working', 'preparing'].includes(state.escalation.at))
    return cancelEscalation(state);
  if (state.screen === 'prerequisites' && isBackupBusy(state)) return cancelBackup(state);
  if (state.screen === 'plan' && isRehearsing(state)) return cancelRehearsal(state);
  if (state.screen === 'checklist') return cancelCommand(state);
  if (state.screen === 'quick') return stopQuick(state);
  return state.screen === 'prerequisites' ? stopWatching(state) : cancelStep(state);
}

/** The coach gives way; what it stood in front of may be the escalation already. */
function escalateFromCoach(state: State): Reduced {
  const { state: closed } = closeCoach(state);
  return closed.escalating ? to(closed) : toggleEscalation(closed);
}

function back(state: State): Reduced {
  if (coachOpen(state)) return closeCoach(state);
  if (state.escalating) return backFromEscalation(state);
  if (state.mending) return closeMending(state);
  if (isAtApplication(state)) return closeApplication(state);
  if (isAtDebrief(state)) return closeDebrief(state);
  if (state.choosing) return keepForms(state);
  switch (state.screen) {
    case 'target':
      return keepTarget(state);
    case 'prerequisites':
      if (state.backup.at !== 'closed') return backToBackup(state);
      return state.consenting ? dropConsent(state) : to({ ...state, screen: 'target' });
    case 'decision':
      return backFromDecision(state);
    case 'forward':
      return state.forward.skeleton.status === 'asking' ? dropSkeleton(state) : backFromForward(state);
    case 'quick': {
      const within = backInQuick(state);
      return within ? to(within) : reconsider(state);
    }
    case 'plan':
      return isAtRehearsal(state) ? closeRehearsal(state) : reconsider(state);
    case 'step':
      return state.atLock ? showBlockers(state) : backToPlan(state);
    case 'checklist':
      return stopTyping(state);
    case 'verification':
    case 'report':
      return to(state);
  }
}
