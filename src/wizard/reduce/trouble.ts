/** Something beside the main thread of the run did not work: said, and tried again by the operator if they want. */
import { to, type Reduced } from '../reduced.ts';
import type { JournalBody } from '../../journal/types.ts';
import type { Event, State, StepRun } from '../types.ts';

type Trouble = Extract<Event, { type: 'trouble' }>;

const SAID: Record<Trouble['what'], string> = {
  'cancel-step':
    'The request to cancel did not reach the server; the step goes on. It can be cancelled again.',
  'cancel-command': 'The command could not be stopped.',
  record: 'The journal of this run could not be written.',
  'lock-action': 'What was to be done about the lock was not done.',
  watch: 'The other run could not be looked at.',
  'take-over': 'The run was not taken over.',
  'end-run': 'The end of this run could not be written into the database.',
};

/** A cancel that was not delivered leaves the step running, so that it can be cancelled again. */
export function onTrouble(state: State, { what, error, entry }: Trouble): Reduced {
  const missing = entry === undefined ? '' : ` ${missingWords(entry)}`;
  const told: State = { ...state, notice: `${SAID[what]}${missing} ${error.message}` };
  if (what === 'cancel-step') return to({ ...told, steps: state.steps.map(goesOn) });
  const isOther = what === 'take-over' || what === 'watch';
  return to(isOther ? { ...told, withOther: 'asking' } : told);
}

/** What the journal, and so the report, now lacks. */
function missingWords(entry: JournalBody): string {
  switch (entry.type) {
    case 'escalated':
      return `What is missing in it: that ${entry.act} was ${entry.ok ? 'done' : 'tried and failed'} in the escalation. It stands in escalations.jsonl.`;
    case 'result':
      return `What is missing in it: how the run ended (${entry.outcome}).`;
    case 'checklist':
    case 'item-check':
      return `What is missing in it: what was told of "${entry.text}".`;
    case 'note':
      return `What is missing in it: "${entry.text}"`;
    default:
      return `What is missing in it: the entry "${entry.type}".`;
  }
}

const goesOn = (step: StepRun): StepRun =>
  step.status === 'cancelling' ? { ...step, status: 'running' } : step;
