/** What can be done from the escalation, and what it asks. */
import { currentStep, isBusy } from './judge.ts';
import { isQuickBusy } from './quick.ts';
import type { Escalation, EscalationAct, EscalationCommand, Question, State } from './types.ts';

export const noEscalation = (commands: EscalationCommand[]): Escalation => ({
  commands,
  facts: null,
  stopped: false,
  blind: null,
  at: 'menu',
  act: null,
  answers: {},
  prepared: null,
  output: [],
  done: null,
  error: null,
  since: null,
});

/** Back to what can be done; what is known of the databases is kept. */
export const toMenu = (escalation: Escalation): Escalation => ({
  ...noEscalation(escalation.commands),
  facts: escalation.facts,
  stopped: escalation.stopped,
  blind: escalation.blind,
});

export interface Offered {
  act: EscalationAct;
  key: string;
  /** Null: it can be chosen. */
  why: string | null;
}

const PRACTICE = 'Practice runs on an embedded database that is gone afterwards: this is for a real one.';
const NOT_CONNECTED = 'There is no connection to a server.';
const STEP_RUNS = 'A step is running. Cancel it first, with Ctrl-C.';
const QUICK_RUNS = 'The quick rollback is under way. Stop it first, with Ctrl-C.';

/** In the order of the runbook: stop, restore, look, migrate; then what concerns the next person. */
export function offeredActs(state: State): Offered[] {
  const { facts, commands } = state.escalation;
  const noServer =
    state.environment === 'PRACTICE'
      ? PRACTICE
      : state.target.server === null && facts === null
        ? NOT_CONNECTED
        : null;
  const busy = isBusy(currentStep(state)) ? STEP_RUNS : isQuickBusy(state) ? QUICK_RUNS : null;
  const stopped = facts?.stopped ?? null;
  return [
    stopped
      ? { act: 'allow-writes', key: 'w', why: noServer }
      : { act: 'stop-writes', key: 'w', why: noServer ?? facts?.whyNotStop ?? null },
    ...(stopped ? [{ act: 'stop-writes' as const, key: 'e', why: noServer }] : []),
    ...ofCommands(commands, 'stop'),
    { act: 'restore', key: 'r', why: noServer },
    // Where nothing stands beside, there is nothing to say of it.
    ...(facts && facts.beside.length > 0
      ? [{ act: 'swap' as const, key: 'x', why: noServer ?? busy ?? facts.whyNotSwap }]
      : []),
    // Only once there is a way to go back.
    ...(facts && facts.whyNotBack === null
      ? [{ act: 'swap-back' as const, key: 'b', why: noServer ?? busy }]
      : []),
    { act: 'status', key: 'c', why: noServer },
    ...ofCommands(commands, 'migrate'),
    ...ofCommands(commands, 'other'),
    { act: 'hand-over', key: 'h', why: null },
  ];
}

/** What only restores is not among them: backout's own way stands for it. */
const ofCommands = (commands: readonly EscalationCommand[], what: EscalationCommand['what']): Offered[] =>
  commands
    .filter((command) => command.what === what)
    .map(({ act }) => ({ act, key: act.slice('command-'.length).slice(-1), why: null }));

interface EscalationAsked {
  id: string;
  name: string;
  kind: Question['kind'];
  values: string[] | null;
  subject?: string;
}

/** Begins the name of every question that is asked here. */
export const ESCALATION = 'escalation';

/** The one thing that is asked, or waited for, while the escalation stands in front. */
export function escalationAsked(state: State): EscalationAsked {
  const { at, prepared, act } = state.escalation;
  const ask = (
    kind: Question['kind'],
    name: string,
    values: string[] | null,
    subject?: string,
  ): EscalationAsked => ({
    id: [`${ESCALATION}-${name}`, ...(subject === undefined ? [] : [subject]), state.turn].join(':'),
    name: `${ESCALATION}-${name}`,
    kind,
    values,
    ...(subject === undefined ? {} : { subject }),
  });
  const wait = (name: string): EscalationAsked => ({
    id: `wait:${ESCALATION}-${name}`,
    name: `${ESCALATION}-${name}`,
    kind: 'wait',
    values: [],
  });
  switch (at) {
    case 'menu': {
      const open = offeredActs(state).filter(({ why }) => why === null);
      return ask('choice', 'menu', ['back', ...open.map((offered) => offered.act)]);
    }
    case 'path':
      return ask('text', 'path', null, 'path');
    case 'question': {
      const [question] = prepared?.questions ?? [];
      return ask('text', 'question', null, question?.id ?? '');
    }
    case 'preparing':
      return wait('preparing');
    case 'prepared':
      return prepared?.confirm === null || !prepared
        ? ask('continue', 'read', ['next'], act ?? '')
        : ask('typed', 'confirm', null, act ?? '');
    case 'working':
      return wait('working');
    case 'done':
      return ask('continue', 'done', ['next'], act ?? '');
  }
}
