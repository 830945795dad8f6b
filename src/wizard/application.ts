/** What may be asked about the application's source. Pure. */
import { hasDoneAnything } from './judge.ts';
import type { Application, State } from './types.ts';

/** What is typed before a file of the application is edited. */
export const EDIT_FILES = 'edit the files';

/** Not looked at yet. */
export const noApplication = (): Application => ({
  open: false,
  status: 'idle',
  scan: null,
  consenting: false,
  edited: null,
  patch: null,
  error: null,
});

/** After a rollback, before its result is recorded: what is done to files is part of the run. */
export const mayLookAtApplication = (state: State): boolean =>
  state.screen === 'verification' &&
  state.purpose === 'rollback' &&
  state.verification.status === 'done' &&
  state.ending === null &&
  (hasDoneAnything(state) || state.steps.every(({ status }) => status === 'already-applied'));

/** It stands in front of the verification now. */
export const isAtApplication = (state: State): boolean =>
  state.application.open && mayLookAtApplication(state);

/** Answers to what is to be done with what was found. */
export function applicationAnswers({ application }: State): string[] {
  const { scan, edited, patch } = application;
  const changes = (scan?.changes.length ?? 0) > 0 && edited === null;
  return [...(changes && patch === null ? ['write'] : []), ...(changes ? ['edit'] : []), 'folder', 'close'];
}
