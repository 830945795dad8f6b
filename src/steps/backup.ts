/** The backup, in front of the prerequisites: what there is to fall back on, taking one, proving it. */
import { askedOf } from '../wizard/asked.ts';
import { isBackupBusy } from '../wizard/backup.ts';
import type { Block, Option, Question, Screen, State } from '../wizard/types.ts';
import { errorBlocks, gap, heading, item, log, option, safe, text, wait } from './blocks.ts';
import { screen } from './screen.ts';

export const backupScreen = (state: State): Screen =>
  screen(state, 'prerequisites', 'Backup', blocks(state), question(state));

/** What came of the last thing comes first: it has to be seen without scrolling. */
function blocks(state: State): Block[] {
  const { error, done, lines } = state.backup;
  const busy = isBackupBusy(state);
  return [
    ...(error === null ? [] : [heading('It did not work'), ...errorBlocks(error, state.runbook), gap]),
    ...(done === null || busy
      ? []
      : [text(done, state.backup.proof?.verdict === 'failed' ? 'bad' : 'good'), ...proof(state), gap]),
    text(
      'The archive takes this run back. A backup is for when that is not enough: it holds everything.',
      'quiet',
    ),
    ...fallsBackOn(state),
    ...found(state),
    ...(lines.length === 0 || !busy ? [] : [gap, log(lines)]),
  ];
}

function fallsBackOn({ backup, prerequisites }: State): Block[] {
  if (backup.path === null) return [gap, item('warn', 'This run has no backup to fall back on')];
  const known = prerequisites.results.find(({ id }) => id === 'backup');
  return [
    gap,
    item(known?.status ?? 'none', 'What this run falls back on', {
      detail: known?.detail ?? `${backup.path}. Not looked at yet.`,
    }),
  ];
}

function found({ backup }: State): Block[] {
  const { proposal = null, leftOvers = [] } = backup.found ?? {};
  return [
    ...(proposal === null || proposal.path === backup.path
      ? []
      : [item('none', 'The newest that was found and fits', { detail: proposal.words })]),
    ...leftOvers.map((name) =>
      item('warn', `Database ${name} was left over by a proof that was broken off`, {
        detail: 'It is a copy, made by backout, that nobody works with any more.',
      }),
    ),
  ];
}

function proof({ backup }: State): Block[] {
  const rest = backup.proof?.words.slice(1) ?? [];
  return rest.length === 0 || backup.at !== 'open' ? [] : rest.map((words) => item('none', words));
}

function question(state: State): Question {
  const { id, name, values } = askedOf(state);
  const { progress, since, cancelling } = state.backup;
  switch (name) {
    case 'backup':
      return choice(state, id, values ?? []);
    case 'backup-path':
      return path(
        id,
        'Which backup? Its path on this machine. Enter alone goes back.',
        '/backups/orders.dump',
      );
    case 'backup-place':
      return path(
        id,
        'Where to? A folder, or a file that is not there yet. Enter alone puts it into the folder shown.',
        state.backup.found?.folder ?? '',
      );
    case 'backup-looking':
      return wait(id, 'Looking for backups…');
    default:
      return wait(id, cancelling ? 'Stopping it…' : (progress ?? 'Beginning…'), since);
  }
}

const path = (id: string, prompt: string, placeholder: string): Question => ({
  kind: 'text',
  id,
  prompt,
  required: false,
  placeholder: safe(placeholder),
  secret: false,
});

function choice(state: State, id: string, values: readonly string[]): Question {
  const { found: lying, path: named } = state.backup;
  const again = named === null ? 'Take one now' : 'Take a new one now';
  const all: Option[] = [
    option(
      'take',
      't',
      again,
      'The whole database, by pg_dump. Only reads; takes no lock that stops anyone.',
    ),
    option('use', 'u', `Use ${lying?.proposal?.path ?? ''}`),
    option('name', 'n', 'Name one'),
    option(
      'prove',
      'p',
      'Prove it',
      'Restores it into a scratch database on this server, compares, drops that.',
    ),
    option('drop', 'd', 'Drop what proofs left over', (lying?.leftOvers ?? []).join(', ')),
    option('close', 'c', 'Back to the prerequisites'),
    option('leave', 'l', 'Leave', 'Nothing was run.'),
  ];
  return {
    kind: 'choice',
    id,
    prompt: 'What about a backup?',
    options: all.filter(({ value }) => values.includes(value)),
    default: 'close',
    // Without an operator this is only asked when what the command line wanted did not work.
    unattended: values.includes('leave') ? 'leave' : 'close',
  };
}
