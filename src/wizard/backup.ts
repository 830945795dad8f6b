/** What the state says of the backup: what is asked, what is under way. Pure. */
import type { Asked } from './asked.ts';
import type { Prerequisite } from '../postgres/types.ts';
import type { Backups, Proof, State } from './types.ts';

export const BACKUP = 'backup';

/** Nothing known beyond what the command line said. */
export const idleBackups = (given: Partial<Pick<Backups, 'path' | 'wanted'>> = {}): Backups => ({
  path: given.path ?? null,
  wanted: given.wanted ?? { take: false, prove: false, place: null },
  at: 'closed',
  cancelling: false,
  since: null,
  progress: null,
  lines: [],
  found: null,
  done: null,
  proof: null,
  error: null,
});

const WORK: ReadonlySet<Backups['at']> = new Set(['taking', 'proving', 'dropping']);

/** Something is written or restored; leaving would abandon it. */
export const isBackupBusy = ({ backup }: State): boolean => WORK.has(backup.at);

/** What is asked about it; null: the prerequisites themselves are. */
export function backupAsked({ backup }: State): Pick<Asked, 'kind' | 'name' | 'values'> | null {
  switch (backup.at) {
    case 'closed':
      return null;
    case 'open':
      return { kind: 'choice', name: 'backup', values: backupAnswers(backup) };
    case 'naming':
      return { kind: 'text', name: 'backup-path', values: null };
    case 'placing':
      return { kind: 'text', name: 'backup-place', values: null };
    default:
      return { kind: 'wait', name: `backup-${backup.at}`, values: [] };
  }
}

function backupAnswers({ path, found, error, proof }: Backups): string[] {
  const proposal = found?.proposal ?? null;
  return [
    'take',
    ...(proposal !== null && proposal.path !== path ? ['use'] : []),
    'name',
    ...(path === null ? [] : ['prove']),
    ...((found?.leftOvers.length ?? 0) > 0 ? ['drop'] : []),
    'close',
    ...(error === null && proof?.verdict !== 'failed' ? [] : ['leave']),
  ];
}

/** A proof says more than a look at the archive: one that failed is no backup, whatever its table of contents says. */
export function withProof(result: Prerequisite, { path, proof }: Backups): Prerequisite {
  if (result.id !== BACKUP || proof === null || proof.path !== path) return result;
  const [first = '', ...rest] = proof.words;
  if (proof.verdict !== 'failed') return { ...result, items: [...result.items, ...proof.words] };
  return {
    ...result,
    status: 'fail',
    detail: `${first} ${result.detail}`,
    advice: 'Take a new one now, or name another. What was complained of stands above.',
    items: [...result.items, ...rest],
  };
}

export const provedAlready = (proof: Proof | null, path: string): boolean => proof?.path === path;
