/** The wizard: (state, event) → state and tasks. Pure. */
import { onAction } from './reduce/action.ts';
import { onApplication } from './reduce/application.ts';
import { onAnswer } from './reduce/answer.ts';
import { onBackup } from './reduce/backup.ts';
import { onChecklist } from './reduce/checklist.ts';
import { onDebrief, thenJudge } from './reduce/debrief.ts';
import { isEscalation, looks, onEscalation } from './reduce/escalate.ts';
import { onEvidence } from './reduce/decision.ts';
import { onForward, onSkeleton } from './reduce/forward.ts';
import { onLock } from './reduce/lock.ts';
import { onLook } from './reduce/look.ts';
import { onOther } from './reduce/other-run.ts';
import { onChecks } from './reduce/prerequisites.ts';
import { forgetRepairs } from './reduce/mending.ts';
import { onRepairs } from './reduce/repairs.ts';
import { onQuick } from './reduce/quick.ts';
import { onRehearsal } from './reduce/rehearsal.ts';
import { onReport } from './reduce/report.ts';
import { onRun } from './reduce/run.ts';
import { onTrouble } from './reduce/trouble.ts';
import { onConnection, start } from './reduce/target.ts';
import { onVerification } from './reduce/verification.ts';
import { to, type Reduced } from './reduced.ts';
import type { DebriefEvent, EscalationEvent, Event, InstructorEvent, Reduce, State } from './types.ts';

type TaskEvent = Exclude<
  Event,
  | EscalationEvent
  | InstructorEvent
  | DebriefEvent
  | { type: 'answer' | 'action' | 'report-written' | 'report-failed' | 'trouble' }
>;

/**
 * Takes one event. Events that are late, stray or not offered change nothing. Tasks are to be started in order;
 * `record` tasks are the journal's lines in their order, the last of them the result.
 */
export const reduce: Reduce = (state, event) => forgetRepairs(reduced(state, event));

const reduced: Reduce = (state, event) => {
  if (event.type === 'report-written' || event.type === 'report-failed') {
    return thenJudge(onReport(state, event));
  }
  if (event.type === 'debriefed' || event.type === 'debrief-failed') return onDebrief(state, event);
  if (state.outcome) return to(state);
  if (event.type === 'answer') return onAnswer(state, event);
  if (event.type === 'action') return acted(state, onAction(state, event.action));
  if (event.type === 'trouble') return onTrouble(state, event);
  // Of the instructor's own screen, which has a reducer of its own (src/practice/instructor/view.ts).
  if (isInstructor(event)) return to(state);
  if (isEscalation(event)) return onEscalation(state, event);
  // Once the result is recorded nothing may be recorded after it.
  return state.ending ? to(state) : fromTasks(state, event);
};

const isInstructor = (event: Event): event is InstructorEvent => event.type.startsWith('instructor-');

/** An action that changed something moves the turn on, as an answer does. */
function acted(before: State, after: Reduced): Reduced {
  if (after.state === before) return after;
  return { ...after, state: { ...after.state, turn: before.turn + 1, notice: null } };
}

function fromTasks(state: State, event: TaskEvent): Reduced {
  const looking = state.look.status !== 'idle';
  switch (event.type) {
    case 'start':
      return start(state);
    case 'connecting':
    case 'connected':
    case 'connect-failed':
      return withLook(onConnection(state, event));
    case 'prerequisite':
    case 'prerequisites-done':
    case 'prerequisites-failed':
      return looking ? onLook(state, event) : onChecks(state, event);
    case 'evidence':
    case 'evidence-failed':
      return onEvidence(state, event);
    case 'backups-found':
    case 'backup-begun':
    case 'backup-progress':
    case 'backup-taken':
    case 'backup-proved':
    case 'scratch-dropped':
    case 'backup-failed':
      return onBackup(state, event);
    case 'rehearsal-begun':
    case 'rehearsal-progress':
    case 'rehearsed':
    case 'rehearsal-failed':
      return onRehearsal(state, event);
    case 'application-scanned':
    case 'application-edited':
    case 'application-diff':
    case 'application-failed':
      return onApplication(state, event);
    case 'repairs':
    case 'repairs-failed':
      return state.forward.status === 'looking' && !('unasked' in event)
        ? onForward(state, event)
        : onRepairs(state, event);
    case 'skeleton-written':
    case 'skeleton-failed':
      return onSkeleton(state, event);
    case 'quick-looked':
    case 'quick-look-failed':
    case 'quick-changed':
    case 'quick-failed':
    case 'quick-line':
    case 'quick-started':
    case 'quick-settling':
    case 'quick-unsettled':
    case 'quick-ended':
      return onQuick(state, event);
    case 'verified':
    case 'verify-failed':
      return onVerification(state, event);
    case 'command-output':
    case 'command-done':
    case 'command-stays':
    case 'command-prepared':
    case 'item-checked':
      return onChecklist(state, event);
    case 'lock-waiting':
    case 'lock-taken':
    case 'lock-acted':
      return onLock(state, event);
    case 'other-run':
    case 'taken-over':
      return onOther(state, event);
    case 'step-found':
      return looking ? onLook(state, event) : to(state);
    default:
      return onRun(state, event);
  }
}

/** Begun with the escalation in front, it is only now known where to look. */
function withLook({ state, tasks }: Reduced): Reduced {
  return state.escalating ? { state, tasks: [...tasks, ...looks(state)] } : { state, tasks };
}
