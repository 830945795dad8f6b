/** Escalating: chosen, asked for what is missing, shown whole, confirmed by a typed word, carried out, told. */
import { finish } from '../ending.ts';
import { toMenu } from '../escalation.ts';
import { to, typedLine, type Reduced } from '../reduced.ts';
import type {
  Escalation,
  EscalationAct,
  EscalationDone,
  EscalationEvent,
  Event,
  State,
  Task,
} from '../types.ts';

/** Lines of output that are kept. */
const MOST_LINES = 500;

const withEscalation = (state: State, change: Partial<Escalation>): State => ({
  ...state,
  escalation: { ...state.escalation, ...change },
});

/** A look reads on a connection of its own: what runs meanwhile is not disturbed. */
export const looks = (state: State): Task[] =>
  state.environment === 'PRODUCTION' && ['connected', 'failed'].includes(state.target.status)
    ? [{ type: 'escalate', do: 'look' }]
    : [];

/** `!`: opens it, or closes it; what works goes on working. */
export function toggleEscalation(state: State): Reduced {
  if (state.escalating) return to({ ...state, escalating: false });
  const at = state.escalation.at === 'working' ? state.escalation : toMenu(state.escalation);
  return to({ ...state, escalating: true, escalation: at }, ...looks(state));
}

/** Esc: from what was chosen back to the choice, from there back to the screen. */
export function backFromEscalation(state: State): Reduced {
  const { at } = state.escalation;
  if (at === 'menu' || at === 'working' || at === 'preparing') return to({ ...state, escalating: false });
  return after(state);
}

/** Once the names were exchanged this run is about a database that is not there any more. */
function after(state: State): Reduced {
  if (state.escalation.done?.exchanged === true && !state.ending) {
    return finish({ ...state, escalating: false });
  }
  return to({ ...state, escalation: toMenu(state.escalation) }, ...looks(state));
}

export function answerEscalation(state: State, name: string, value: string): Reduced {
  switch (name) {
    case 'escalation-menu':
      return value === 'back' ? to({ ...state, escalating: false }) : choose(state, value as EscalationAct);
    case 'escalation-path':
      return given(state, 'path', value);
    case 'escalation-question':
      return given(state, state.escalation.prepared?.questions[0]?.id ?? '', value);
    case 'escalation-confirm':
      return confirmed(state, value);
    default:
      return after(state);
  }
}

function choose(state: State, act: EscalationAct): Reduced {
  const chosen = withEscalation(state, { ...toMenu(state.escalation), act });
  return act === 'restore' ? to(withEscalation(chosen, { at: 'path' })) : prepare(chosen, act, {});
}

function prepare(state: State, act: EscalationAct, answers: Record<string, string>): Reduced {
  return to(withEscalation(state, { at: 'preparing', answers, prepared: null, error: null }), {
    type: 'escalate',
    do: 'prepare',
    act,
    answers,
  });
}

/** Nothing typed is a change of mind. */
function given(state: State, id: string, value: string): Reduced {
  const { act, answers } = state.escalation;
  const text = typedLine(value);
  if (text === '' || act === null) return after(state);
  return prepare(state, act, { ...answers, [id]: text });
}

function confirmed(state: State, value: string): Reduced {
  const { prepared } = state.escalation;
  if (!prepared || prepared.confirm === null || value !== prepared.confirm) {
    return to({ ...state, notice: 'That is not what has to be typed. Nothing was done.' });
  }
  return to(withEscalation(state, { at: 'working', output: [], error: null, done: null }), {
    type: 'escalate',
    do: 'carry-out',
    token: prepared.token,
  });
}

/** Asks what works to stop: a restore or a command. A transaction is over in a moment; what only looks is left to itself. */
export function cancelEscalation(state: State): Reduced {
  if (state.escalation.at === 'preparing') return to({ ...state, escalation: toMenu(state.escalation) });
  return to(state, { type: 'escalate', do: 'cancel' });
}

export const isEscalation = (event: Event): event is EscalationEvent => event.type.startsWith('escalate-');

export function onEscalation(state: State, event: EscalationEvent): Reduced {
  const { at, act } = state.escalation;
  switch (event.type) {
    case 'escalate-looked':
      return to(
        withEscalation(state, { facts: event.facts, blind: null, stopped: event.facts.stopped !== null }),
      );
    case 'escalate-blind':
      return to(withEscalation(state, { blind: event.why }));
    case 'escalate-prepared':
      if (at !== 'preparing' || event.prepared.act !== act) return to(state);
      return to(
        withEscalation(state, {
          at: event.prepared.questions.length > 0 ? 'question' : 'prepared',
          prepared: event.prepared,
        }),
      );
    case 'escalate-begun':
      return to(withEscalation(state, { since: event.at }));
    case 'escalate-output':
      if (at !== 'working') return to(state);
      return to(
        withEscalation(state, { output: [...state.escalation.output, event.line].slice(-MOST_LINES) }),
      );
    case 'escalate-done':
      return to(
        {
          ...withEscalation(state, { at: 'done', done: event.done, since: null, ...writesAfter(event.done) }),
          escalating: true,
        },
        ...recorded(state, event.done.act, event.done.ok, event.done.summary),
      );
    case 'escalate-failed':
      return failed(state, event);
  }
}

/** What is looked at next may come later than a key that leaves. */
function writesAfter({ act, ok }: EscalationDone): Partial<Escalation> {
  if (act === 'stop-writes') return { stopped: true };
  return act === 'allow-writes' && ok ? { stopped: false } : {};
}

function failed(state: State, { error }: Extract<EscalationEvent, { type: 'escalate-failed' }>): Reduced {
  const { at, act } = state.escalation;
  const records = at === 'working' ? recorded(state, act ?? 'unknown', false, error.message) : [];
  return to(
    { ...withEscalation(state, { at: 'done', error, done: null, since: null }), escalating: true },
    ...records,
  );
}

/** Nothing is written behind the result of a run; the log of escalations holds it in any case. */
function recorded(state: State, act: string, ok: boolean, text: string): Task[] {
  if (state.ending) return [];
  return [{ type: 'record', event: { type: 'escalated', act, ok, text } }];
}
