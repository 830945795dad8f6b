/** Answers: taken only by the question they were given to. */
import { askedOf } from '../asked.ts';
import { finishNow } from '../ending.ts';
import { to, type Reduced } from '../reduced.ts';
import type { Event, State } from '../types.ts';
import { answerBackup } from './backup.ts';
import { answerChecklist } from './checklist.ts';
import { isAtDebrief } from '../debrief.ts';
import { answerDebrief } from './debrief.ts';
import { answerDecision } from './decision.ts';
import { answerForward } from './forward.ts';
import { answerEscalation } from './escalate.ts';
import { answerDrill } from './drill.ts';
import { answerForm } from './forms.ts';
import { isAtApplication } from '../application.ts';
import { answerApplication } from './application.ts';
import { answerMending, answerValue, openMending } from './mending.ts';
import { answerLock } from './lock.ts';
import { answerOtherRun } from './other-run.ts';
import { answerPrerequisites } from './prerequisites.ts';
import { answerQuick } from './quick.ts';
import { answerRehearsal } from './rehearsal.ts';
import { answerReport } from './report.ts';
import { answerStep, enterNextStep } from './step.ts';
import { answerTarget } from './target.ts';
import { answerVerification } from './verification.ts';
import { answerOpenValue } from '../values.ts';

/**
 * Drops what is not an answer to the question now asked, or not one of its answers. A taken answer moves the turn
 * on, so that a second press of the same key meets a question with another id.
 */
export function onAnswer(state: State, event: Extract<Event, { type: 'answer' }>): Reduced {
  const asked = askedOf(state);
  if (asked.id !== event.question) return to(state);
  if (asked.values && !asked.values.includes(event.value)) return to(state);
  const next: State = { ...state, turn: state.turn + 1, notice: null };
  if (asked.name === 'leave') {
    return event.value === 'yes' ? finishNow(next) : to({ ...next, leaving: false });
  }
  if (next.values) return answerOpenValue(next, event.value);
  const practised = answerDrill(next, asked.name, event.value);
  if (practised) return practised;
  if (asked.name.startsWith('escalation-')) return answerEscalation(next, asked.name, event.value);
  if (asked.name.startsWith('backup')) return answerBackup(next, asked.name, event.value);
  if (asked.name === 'form') return answerForm(next, event.value);
  if (event.value === 'mend' && asked.values?.includes('mend')) return openMending(next);
  if (isAtDebrief(next)) return answerDebrief(next, event.value);
  if (isAtApplication(next)) return answerApplication(next, asked.name, event.value);
  if (asked.name === 'mend') return answerMending(next, event.value);
  if (asked.name === 'mend-value') return answerValue(next, event.value);
  if (asked.name === 'other-run') return answerOtherRun(next, event.value);
  if (asked.name === 'lock' || asked.name === 'terminate') return answerLock(next, asked.name, event.value);
  return onScreen(next, asked.name, event.value);
}

function onScreen(state: State, name: string, value: string): Reduced {
  switch (state.screen) {
    case 'target':
      return answerTarget(state, name, value);
    case 'prerequisites':
      return answerPrerequisites(state, name, value);
    case 'decision':
      return answerDecision(state, name, value);
    case 'forward':
      return answerForward(state, name, value);
    case 'quick':
      return answerQuick(state, name, value);
    case 'plan':
      return name === 'rehearsal' ? answerRehearsal(state, value) : enterNextStep(state);
    case 'step':
      return answerStep(state, name, value);
    case 'verification':
      return answerVerification(state, value);
    case 'checklist':
      return answerChecklist(state, name, value);
    case 'report':
      return answerReport(state, value);
  }
}
