/** The hand-over as Markdown: read from the top, in two minutes, by somebody who was asleep. Pure. */
import { safeToDo, whereTo } from './safe.ts';
import type { HandOverFacts } from './types.ts';

/** Text of others never becomes Markdown of ours. */
const plain = (text: string): string => text.replaceAll(/[\\`*_[\]<>|#]/g, '\\$&');

const list = (lines: readonly string[], none: string): string =>
  lines.length === 0 ? none : lines.map((line) => `- ${line}`).join('\n');

const section = (title: string, body: string): string => `## ${title}\n\n${body}`;

/** What is tried is told from its end: the last is what matters. */
const LAST_TRIED = 25;

export function handOverDocument(facts: HandOverFacts, files: readonly string[]): string {
  const { server, at, by, environment } = facts;
  return [
    `# Hand-over: database ${plain(server.database)} on ${plain(server.host)}`,
    `${at}, by ${plain(by)}. ${environment}. ${plain(facts.runbook)}.`,
    section('What is safe to do now', list(safeToDo(facts), '')),
    section('Where it stands', where(facts)),
    section(
      'Whom to call',
      list(
        facts.contacts.map(({ name, role, how }) =>
          plain(`${how} – ${name}${role === undefined ? '' : `, ${role}`}`),
        ),
        'Nobody is named in backout.toml.',
      ),
    ),
    section(
      'How to get in',
      [
        `\`backout ${whereTo(facts)}\``,
        `Host ${plain(server.host)}, port ${plain(server.port)}, database ${plain(server.database)}, user ${plain(server.user)}. The password is not in here: it comes from your own passfile, service file or PGPASSWORD.`,
      ].join('\n\n'),
    ),
    section(
      'What was tried',
      [
        facts.tried.length > LAST_TRIED
          ? `The last ${LAST_TRIED} of ${facts.tried.length}; all of it is in the journal.\n\n`
          : '',
        list(
          facts.tried.slice(-LAST_TRIED).map(plain),
          'No journal of a run on this database was found on this machine.',
        ),
      ].join(''),
    ),
    section(
      'Who is connected',
      list(facts.sessions.map(plain), 'Nobody but backout, or it could not be read.'),
    ),
    section('Files beside this one', list(files.map(plain), 'None.')),
    '',
  ].join('\n\n');
}

function where({ position, runs, unknown, stopped, beside }: HandOverFacts): string {
  const steps =
    position.failed === null
      ? position.steps.map(({ title, state }) => `${plain(title)}: ${STATES[state] ?? plain(state)}`)
      : [`The database could not be read: ${plain(position.failed)}`];
  return list(
    [
      ...steps,
      ...(unknown ? ['What became of the last step is **not known**.'] : []),
      ...runs.slice(0, 5).map((run) => plain(runLine(run))),
      ...(stopped ? [`Writes are stopped since ${plain(stopped.at)}, by ${plain(stopped.by)}.`] : []),
      ...beside.map((line) => `Beside: ${plain(line)}`),
    ],
    'Nothing is known.',
  );
}

const STATES: Readonly<Record<string, string>> = {
  applied: '**done**',
  pending: 'not done',
  partial: '**partly done, by something other than backout**',
  conflict: '**in a state the runbook does not know**',
};

const runLine = ({ run, kind, operator, live, ended, done }: HandOverFacts['runs'][number]): string =>
  `Run ${run} (${kind}, by ${operator}): ${live ? 'at work now' : ended ? 'ended' : 'broken off'}, ${done} step(s) committed`;
