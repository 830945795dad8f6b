/** The backup, from the prerequisites: opened by a key, or begun because the command line asked for it. */
import type { JournalBody } from '../../journal/types.ts';
import { BACKUP, backupAsked, isBackupBusy, provedAlready, withProof } from '../backup.ts';
import { finishNow } from '../ending.ts';
import { failureNote, to, typedLine, type Reduced } from '../reduced.ts';
import type { BackupEvent, Backups, BackupWork, State, Task } from '../types.ts';
import { startChecks } from './prerequisites.ts';

const withBackup = (state: State, backup: Partial<Backups>): State => ({
  ...state,
  backup: { ...state.backup, ...backup },
});

/** Most characters of a path. */
const LONGEST_PATH = 4096;

const MOST_LINES = 200;

/** Looks what lies about, then asks. */
export const openBackup = (state: State): Reduced =>
  to(withBackup(state, { at: 'looking', error: null, done: null }), { type: 'find-backups' });

function begin(state: State, at: BackupWork, task: Task): Reduced {
  const idle = { cancelling: false, since: null, progress: null, lines: [], done: null, error: null };
  return to(withBackup(state, { ...idle, at }), task);
}

const take = (state: State, place: string | null): Reduced =>
  begin(state, 'taking', { type: 'take-backup', place });

const prove = (state: State, path: string): Reduced =>
  begin(state, 'proving', { type: 'prove-backup', path });

/** Before the first check, where the command line asked for it; null: there is nothing to take. */
export function wantedBackup(state: State): Reduced | null {
  const { wanted } = state.backup;
  if (!wanted.take) return null;
  const asked = withBackup(state, { wanted: { ...wanted, take: false } });
  return take({ ...asked, screen: 'prerequisites' }, wanted.place);
}

/** After a check that found no fault with it. */
export function wantedProof(reduced: Reduced): Reduced {
  const { backup, prerequisites } = reduced.state;
  const { path, wanted, proof } = backup;
  if (!wanted.prove || path === null || provedAlready(proof, path)) return reduced;
  const faulty = prerequisites.results.some(({ id, status }) => id === BACKUP && status === 'fail');
  if (faulty) return reduced;
  const begun = prove(reduced.state, path);
  return to(begun.state, ...reduced.tasks, ...begun.tasks);
}

export function answerBackup(state: State, name: string, value: string): Reduced {
  if (name === 'backup-path') return named(state, value);
  if (name === 'backup-place') {
    const place = typedLine(value, LONGEST_PATH);
    return take(state, place === '' ? null : place);
  }
  switch (value) {
    case 'take':
      return to(withBackup(state, { at: 'placing' }));
    case 'name':
      return to(withBackup(state, { at: 'naming' }));
    case 'use':
      return use(state, state.backup.found?.proposal?.path ?? null);
    case 'prove':
      return state.backup.path === null ? to(state) : prove(state, state.backup.path);
    case 'drop':
      return begin(state, 'dropping', { type: 'drop-scratch' });
    case 'leave':
      return finishNow(state);
    default:
      return closeBackup(state);
  }
}

function named(state: State, value: string): Reduced {
  const path = typedLine(value, LONGEST_PATH);
  return path === '' ? to(withBackup(state, { at: 'open' })) : use(state, path);
}

/** Everything is looked at again: whether it holds is for the check to say. */
const use = (state: State, path: string | null): Reduced =>
  path === null ? to(state) : startChecks(withBackup(state, { path, at: 'closed', error: null }));

/** Back to the prerequisites, which are checked first where that was not done yet. */
export function closeBackup(state: State): Reduced {
  const closed = withBackup(state, { at: 'closed', error: null });
  return state.prerequisites.status === 'done' ? to(closed) : startChecks(closed);
}

/** Out of a text that is typed. */
export const backToBackup = (state: State): Reduced =>
  state.backup.at === 'open' ? closeBackup(state) : to(withBackup(state, { at: 'open' }));

export const cancelBackup = (state: State): Reduced =>
  to(withBackup(state, { cancelling: true }), { type: 'cancel-backup' });

export function onBackup(state: State, event: BackupEvent): Reduced {
  if (backupAsked(state)?.kind !== 'wait') return to(state);
  switch (event.type) {
    case 'backups-found':
      return to(withBackup(state, { at: 'open', found: event.found }));
    case 'backup-begun':
      return to(withBackup(state, { since: event.at }));
    case 'backup-progress': {
      const lines = event.line ? [...state.backup.lines, event.words].slice(-MOST_LINES) : state.backup.lines;
      return to(withBackup(state, { progress: event.words, lines }));
    }
    case 'backup-failed':
      return failed(state, event);
    default:
      return isBackupBusy(state) ? finished(state, event) : to(state);
  }
}

function failed(state: State, { error }: Extract<BackupEvent, { type: 'backup-failed' }>): Reduced {
  const what = { taking: 'Taking a backup', proving: 'The proof of the backup' }[state.backup.at as string];
  return to(
    withBackup(state, { at: 'open', error, cancelling: false }),
    failureNote(what ?? 'The backup', error),
  );
}

function finished(
  state: State,
  event: Extract<BackupEvent, { type: 'backup-taken' | 'backup-proved' | 'scratch-dropped' }>,
): Reduced {
  switch (event.type) {
    case 'backup-taken': {
      const { path, bytes, seconds, words } = event;
      const checked = startChecks(withBackup(state, { path, at: 'closed', done: words, proof: null }));
      const record: JournalBody = { type: 'backup', what: 'taken', path, bytes, seconds, words: [words] };
      return to(checked.state, { type: 'record', event: record }, ...checked.tasks);
    }
    case 'backup-proved':
      return proved(state, event);
    case 'scratch-dropped': {
      const { found } = state.backup;
      const words = event.names.length === 0 ? 'None was left.' : `Dropped: ${event.names.join(', ')}.`;
      const left = found === null ? null : { ...found, leftOvers: [] };
      return to(withBackup(state, { at: 'open', found: left, done: words }), {
        type: 'record',
        event: { type: 'note', text: `Scratch databases of earlier proofs. ${words}` },
      });
    }
  }
}

/** Asked for by the command line it goes on by itself, unless there is something to look at. */
function proved(state: State, event: Extract<BackupEvent, { type: 'backup-proved' }>): Reduced {
  const { proof, seconds } = event;
  const goesOn = state.backup.wanted.prove && proof.verdict !== 'failed';
  const next = withBackup(state, {
    proof,
    at: goesOn ? 'closed' : 'open',
    wanted: { ...state.backup.wanted, prove: false },
    done: proof.words[0] ?? null,
  });
  const results = state.prerequisites.results.map((result) => withProof(result, next.backup));
  return to(
    { ...next, prerequisites: { ...state.prerequisites, results } },
    {
      type: 'record',
      event: {
        type: 'backup',
        what: 'proved',
        path: proof.path,
        seconds,
        verdict: proof.verdict,
        words: proof.words,
      },
    },
  );
}
