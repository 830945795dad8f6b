/** What the state says of the quick rollback: the questions the reducer and the screens both ask of it. Pure. */
import type { QuickCommand, QuickFinding } from '../quick/types.ts';
import type { Quick, State } from './types.ts';

/** Its id among the steps, as in the database's journal. */
export const QUICK = 'quick';

type HasQuick = Pick<State, 'quick'>;

/** none: the runbook names no command. first: it is sound. later: with warnings, or something is still to be asked. */
export type QuickOffer = 'none' | 'first' | 'later' | 'refused';

export const quickFindings = ({ quick }: HasQuick, status: QuickFinding['status']): QuickFinding[] =>
  (quick.look?.findings ?? []).filter((finding) => finding.status === status);

export function quickOffer(state: HasQuick): QuickOffer {
  const { look, error } = state.quick;
  if (error) return 'refused';
  if (!look) return 'none';
  if (quickFindings(state, 'fail').length > 0) return 'refused';
  if (look.asksFolder) return 'later';
  if (look.commands.length === 0) return 'refused';
  return quickFindings(state, 'warn').length === 0 ? 'first' : 'later';
}

export const isQuickOffered = (state: HasQuick): boolean => ['first', 'later'].includes(quickOffer(state));

/** The one that would be run. */
export const quickCommand = ({ quick }: HasQuick): QuickCommand | undefined =>
  quick.look?.commands[quick.command];

const BUSY: readonly Quick['status'][] = ['keeping', 'running', 'stopping', 'settling'];

export const isQuickBusy = ({ quick }: HasQuick): boolean => BUSY.includes(quick.status);

/** It did something in this database. */
export const quickDidSomething = ({ quick }: HasQuick): boolean => quick.end?.found.changed === true;

/** It did something, or may be doing it. */
export const quickMayHaveChanged = (state: HasQuick): boolean =>
  quickDidSomething(state) || isQuickBusy(state) || state.quick.status === 'unsettled';

export const quickTried = ({ quick }: HasQuick): boolean => quick.attempt > 0;

/** It ended by itself, and said that it went well. */
export const quickSaidWell = ({ quick }: HasQuick): boolean =>
  quick.end?.result.exitStatus === 0 && quick.end.result.signal === null;

/** The answers of the moment on its screen, by the question's name; null: it is waited for. */
export function quickAsked(
  state: State,
): { name: string; kind: 'text' | 'typed' | 'choice' | 'continue'; values: string[] | null } | null {
  const { status, asking, look, error } = state.quick;
  if (status === 'looking' || isQuickBusy(state)) return null;
  if (asking) return { name: 'quick-folder', kind: 'text', values: null };
  if (status === 'unsettled') return { name: 'quick-unsettled', kind: 'choice', values: ['look', 'stop'] };
  if (status === 'ended') return afterIt(state);
  if (status === 'confirming') return { name: 'quick-confirm', kind: 'typed', values: null };
  const ids = error || !isQuickOffered(state) ? [] : (look?.commands.map(({ id }) => id) ?? []);
  const url = ids.length > 0 && look?.mayGiveUrl ? ['url'] : [];
  return {
    name: 'quick-ready',
    kind: 'choice',
    values: [...ids, ...url, 'folder', 'retry', 'steps', 'leave'],
  };
}

function afterIt(state: State): NonNullable<ReturnType<typeof quickAsked>> {
  if (!quickDidSomething(state)) {
    return { name: 'quick-nothing', kind: 'choice', values: ['again', 'steps', 'stop'] };
  }
  return { name: 'quick-done', kind: 'choice', values: ['next', 'stop'] };
}
