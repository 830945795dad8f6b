/** Screen 1: which database, where each setting came from, practice or production. */
import { askedOf } from '../wizard/asked.ts';
import type { Block, Question, Screen, State } from '../wizard/types.ts';
import { errorBlocks, gap, goOn, heading, item, option, safe, table, text, wait } from './blocks.ts';
import { screen } from './screen.ts';

export const targetScreen = (state: State): Screen =>
  screen(
    state,
    'target',
    'Target',
    [...trouble(state), ...intro(state), ...settings(state), ...found(state)],
    question(state),
  );

/** First, so that it is in view however low the terminal is. */
function trouble({ target, runbook }: State): Block[] {
  const { error } = target;
  return error ? [heading('The connection failed'), ...errorBlocks(error, runbook), gap] : [];
}

function intro(state: State): Block[] {
  const environment =
    state.environment === 'PRACTICE'
      ? text('PRACTICE: a database made for this run alone. Nothing you do here can reach any other.', 'good')
      : text('PRODUCTION: a real database. What you confirm here is carried out there.', 'bad');
  return [text(state.runbook.title, 'strong'), ...migration(state), environment];
}

function migration(state: State): Block[] {
  if (state.undoes !== null)
    return [text(`Undoes run ${state.undoes}: brings back what it took away.`, 'strong')];

  const { migration: found, path } = state.runbook;
  const of = found ? [text(`Takes back migration ${found.version} (${found.name}).`, 'quiet')] : [];
  return [...of, text(`Runbook: ${path}`, 'quiet')];
}

function settings({ target }: State): Block[] {
  if (target.settings.length === 0) return [];
  const rows = target.settings.map(({ name, value, origin }) => [name, value, origin]);
  return [gap, heading('Connection'), table(['setting', 'value', 'from'], rows)];
}

function found(state: State): Block[] {
  const { server } = state.target;
  if (!server) return [];
  return [
    gap,
    heading('Server'),
    item('pass', `PostgreSQL ${server.version}`, {
      detail: `database ${server.database} as ${server.user}, at ${server.host}, port ${server.port}`,
    }),
    item(server.encryption === 'PLAINTEXT' ? 'warn' : 'pass', `Connection: ${server.encryption}`),
    ...(server.standby ? [item('warn', 'This server is a standby: it takes no changes.')] : []),
    ...(server.readOnly && !server.standby ? [item('warn', 'This server is read-only.')] : []),
    ...(server.superuser
      ? [item('warn', `${server.user} is a superuser: no privilege stops a mistake.`)]
      : []),
  ];
}

function question(state: State): Question {
  const { id, name, values } = askedOf(state);
  if (name === 'target') return goOn(id, prompt(state));
  if (name === 'url') {
    return {
      kind: 'text',
      id,
      prompt: safe('Connection URL of the other database (hidden, since it may hold a password):'),
      required: false,
      placeholder: 'postgresql://user@host:5432/database',
      secret: true,
    };
  }
  if (name !== 'connect-failed') return wait(id, 'Connecting…');
  return {
    kind: 'choice',
    id,
    prompt: 'The database could not be reached. What now?',
    options: [
      option('retry', 'r', 'Try again'),
      ...(values?.includes('change') ? [option('change', 'c', 'Name another database')] : []),
      option('leave', 'l', 'Leave', 'Nothing was run.'),
    ],
    default: 'leave',
    unattended: 'leave',
  };
}

function prompt({ target }: State): string {
  const server = target.server;
  if (server?.embedded === true) {
    return `Is ${server.database}, made for practice, the database you mean? Enter checks the prerequisites; that changes nothing.`;
  }
  return server
    ? `Is ${server.database} on ${server.host} the database you mean? Enter checks the prerequisites; that changes nothing.`
    : 'Enter checks the prerequisites; that changes nothing.';
}
