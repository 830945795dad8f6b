/** The quick rollback: looking, choosing how it is run, the typed confirmation, its output, what it came to. */
import type { ExplainedError } from '../../postgres/types.ts';
import { finish, finishNow } from '../ending.ts';
import { confirmWord, hasChangedAnything } from '../judge.ts';
import { isQuickOffered, QUICK, quickCommand } from '../quick.ts';
import { failureNote, to, typedLine, type Reduced } from '../reduced.ts';
import { noQuick } from '../state.ts';
import type { Quick, QuickEvent, State, Task } from '../types.ts';
import { adoptSurvey } from './run.ts';
import { enterNextStep } from './step.ts';

/** Lines of the command's output that are kept; the journal has a tail of its own. */
const MOST_LINES = 500;

const withQuick = (state: State, quick: Partial<Quick>): State => ({
  ...state,
  quick: { ...state.quick, ...quick },
});

/** Whether it is sound decides in which order the paths are offered: it is looked at right after the evidence. */
export function toLookAtQuick(state: State): State {
  const none = state.runbook.quick === null || state.purpose !== 'rollback' || hasChangedAnything(state);
  return { ...state, quick: { ...noQuick(), status: none ? 'idle' : 'looking' } };
}

/** One thing at a time on the one session. */
export const quickLooks = (state: State): Task[] =>
  state.quick.status === 'looking' ? [{ type: 'look-quick' }] : [];

const again = (state: State, folder?: string): Reduced =>
  to(withQuick(state, { status: 'looking', error: null, asking: false, command: 0 }), {
    type: 'look-quick',
    ...(folder === undefined ? {} : { folder }),
  });

/** The path was decided on: its own screen, where nothing runs before a typed confirmation. */
export const enterQuick = (state: State): State =>
  withQuick(
    { ...state, screen: 'quick' },
    { status: 'ready', asking: state.quick.look?.asksFolder === true },
  );

const UNDER_WAY: readonly Quick['status'][] = ['keeping', 'running', 'stopping'];

/** When each event is awaited: one that comes late or astray must not change what is known. */
const AWAITED: Record<QuickEvent['type'], readonly Quick['status'][]> = {
  'quick-looked': ['looking'],
  'quick-look-failed': ['looking'],
  'quick-changed': ['keeping'],
  'quick-failed': ['keeping'],
  'quick-started': UNDER_WAY,
  'quick-line': UNDER_WAY,
  'quick-settling': UNDER_WAY,
  'quick-unsettled': ['settling'],
  'quick-ended': ['settling'],
};

export function onQuick(state: State, event: QuickEvent): Reduced {
  if (!AWAITED[event.type].includes(state.quick.status)) return to(state);
  switch (event.type) {
    case 'quick-looked':
    case 'quick-look-failed':
      return looked(state, event);
    case 'quick-changed':
      return changed(state, event);
    case 'quick-failed':
      return failed(state, event.error);
    case 'quick-line':
      return to(withQuick(state, { output: [...state.quick.output, event.line].slice(-MOST_LINES) }));
    case 'quick-started':
      return to(
        withQuick(state, { status: state.quick.stops > 0 ? 'stopping' : 'running', startedAt: event.at }),
      );
    case 'quick-settling':
      return to(withQuick(state, { status: 'settling' }));
    case 'quick-unsettled':
      return to(
        withQuick(state, { status: 'unsettled', error: event.error }),
        failureNote('What the quick rollback did could not be read', event.error),
        finished('unknown'),
      );
    case 'quick-ended':
      return ended(state, event);
  }
}

const finished = (outcome: 'done' | 'rolled-back' | 'unknown' | 'not-run', seconds = 0): Task => ({
  type: 'record',
  event: { type: 'step-finished', step: 'quick', outcome, seconds, error: null },
});

function looked(
  state: State,
  event: Extract<QuickEvent, { type: 'quick-looked' | 'quick-look-failed' }>,
): Reduced {
  const next = state.screen === 'quick' ? 'ready' : 'idle';
  if (event.type === 'quick-look-failed') {
    const { error } = event;
    return to(
      withQuick(state, { status: next, look: null, error }),
      failureNote('The quick rollback could not be looked at', error),
    );
  }
  const asking = state.screen === 'quick' && event.look?.asksFolder === true;
  return to(withQuick(state, { status: next, look: event.look, asking, error: null }));
}

const VOID = 'The confirmation is void: what was found is not as it was when it was given. Nothing was run.';

function changed(state: State, { look, survey }: Extract<QuickEvent, { type: 'quick-changed' }>): Reduced {
  const adopted = adoptSurvey(state, survey);
  const quick: Partial<Quick> = {
    status: 'ready',
    look,
    command: 0,
    attempt: state.quick.attempt - 1,
    stops: 0,
  };
  return to(
    { ...withQuick(adopted.state, quick), notice: VOID },
    { type: 'record', event: { type: 'note', text: VOID } },
    finished('not-run'),
    ...adopted.tasks,
  );
}

/** Nothing was started: the database is as it was, but for copies that may have been made. */
function failed(state: State, error: ExplainedError): Reduced {
  const notice = `The command was not started: ${error.message}`;
  return to(
    { ...withQuick(state, { status: 'ready', stops: 0 }), notice },
    failureNote('The command of the quick rollback was not started', error),
    finished('not-run'),
  );
}

/** What the database says is taken over: the steps go on from there, whatever the command said. */
function ended(state: State, { end, survey }: Extract<QuickEvent, { type: 'quick-ended' }>): Reduced {
  const adopted = adoptSurvey(state, survey);
  const archived = [...adopted.state.archived.filter(({ step }) => step !== QUICK), ...end.archived];
  const next = withQuick({ ...adopted.state, archived }, { status: 'ended', end, error: null });
  const outcome = end.found.changed ? 'done' : 'rolled-back';
  return to({ ...next, changes: [], notice: null }, finished(outcome, end.result.seconds), ...adopted.tasks);
}

export function answerQuick(state: State, name: string, value: string): Reduced {
  switch (name) {
    case 'quick-folder':
      return giveFolder(state, value);
    case 'quick-confirm':
      return confirm(state, value);
    case 'quick-ready':
      return ready(state, value);
    case 'quick-unsettled':
      return value === 'look'
        ? to(withQuick(state, { status: 'settling' }), { type: 'settle-quick' })
        : finish(state);
    case 'quick-nothing':
      return nothing(state, value);
    default:
      return value === 'next' ? goOn(state) : finish(state);
  }
}

function giveFolder(state: State, value: string): Reduced {
  const folder = typedLine(value);
  if (folder === '')
    return to({ ...state, notice: 'The folder is needed: without it nothing can be looked at.' });
  return again(state, folder);
}

function ready(state: State, value: string): Reduced {
  const { quick } = state;
  switch (value) {
    case 'url':
      return to(withQuick(state, { give: quick.give === 'url' ? 'nothing' : 'url' }));
    case 'folder':
      return to(withQuick(state, { asking: true }));
    case 'retry':
      return again(state);
    case 'steps':
      return bySteps(state);
    case 'leave':
      return finishNow(state);
    default: {
      const command = quick.look?.commands.findIndex(({ id }) => id === value) ?? -1;
      return command < 0 ? to(state) : to(withQuick(state, { status: 'confirming', command }));
    }
  }
}

/** Step by step after all. */
const bySteps = (state: State): Reduced =>
  to(withQuick({ ...state, screen: 'plan' }, { chosen: false, asking: false }));

const goOn = (state: State): Reduced =>
  state.survey?.position.steps.every((step) => step.state === 'applied') === true
    ? enterNextStep(state)
    : to({ ...state, screen: 'plan' });

function nothing(state: State, value: string): Reduced {
  if (value === 'stop') return finish(state);
  if (value === 'steps') return bySteps(withQuick(state, { status: 'ready' }));
  return again(withQuick(state, { output: [], end: null, stops: 0 }));
}

/** The only place from which a command of a runbook is set going on this path. */
function confirm(state: State, value: string): Reduced {
  const { quick, survey } = state;
  const command = quickCommand(state);
  const word = confirmWord(state);
  if (value !== word) {
    const notice = 'What was typed is not the word that was asked for. Nothing was run.';
    return to({ ...withQuick(state, { status: 'ready' }), notice });
  }
  const { look } = quick;
  if (!command || !look?.folder || !survey || !isQuickOffered(state))
    return to(withQuick(state, { status: 'ready' }));
  const begun = withQuick(state, {
    status: 'keeping',
    attempt: quick.attempt + 1,
    stops: 0,
    output: [],
    end: null,
    error: null,
  });
  const title = `Quick rollback: ${command.command}`;
  return to(
    begun,
    {
      type: 'record',
      event: { type: 'step-confirmed', step: 'quick', title, hash: survey.hash, typed: word },
    },
    { type: 'record', event: { type: 'step-started', step: 'quick', attempt: begun.quick.attempt } },
    {
      type: 'run-quick',
      command: command.command,
      folder: look.folder,
      give: quick.give,
      survey: survey.hash,
      look,
    },
  );
}

/** First press asks, the next ones end it. What it did by then is looked at, never assumed. */
export function stopQuick(state: State): Reduced {
  const { status, stops } = state.quick;
  if (!UNDER_WAY.includes(status)) return to(state);
  const next: Quick['status'] = status === 'running' ? 'stopping' : status;
  return to(withQuick(state, { status: next, stops: stops + 1 }), { type: 'stop-quick' });
}

/** Esc: out of what is typed, then to the decision. Null: to the decision. */
export function backInQuick(state: State): State | null {
  const { asking, status, look } = state.quick;
  if (asking && look?.asksFolder === false) return withQuick(state, { asking: false });
  return status === 'confirming' ? withQuick(state, { status: 'ready' }) : null;
}
