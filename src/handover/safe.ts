/** What is safe to do now, derived from what is known; and what is not. Pure. */
import { shellWord } from '../shell/words.ts';
import type { HandOverFacts } from './types.ts';

/** Where the connection is named, without anything secret. */
export function whereTo({ server }: Pick<HandOverFacts, 'server'>): string {
  const { host, port, database, user } = server;
  const [u, d] = [user, database].map(encodeURIComponent);
  const url = host.startsWith('/')
    ? `postgresql://${u}@/${d}?host=${encodeURIComponent(host)}&port=${port}`
    : `postgresql://${u}@${host.includes(':') ? `[${host}]` : host}:${port}/${d}`;
  return `--database ${shellWord(url)}`;
}

/** In the order in which they matter; the first line says what to do first. */
export function safeToDo(facts: HandOverFacts): string[] {
  const to = whereTo(facts);
  return [...first(facts, to), ...besides(facts, to), ...NEVER];
}

function first(facts: HandOverFacts, to: string): string[] {
  const { position, runs, unknown, run } = facts;
  const live = runs.find((one) => one.live);
  const open = runs.find((one) => !one.ended && !one.live);
  const done = runs.find((one) => one.done > 0 && one.kind !== 'undo');
  if (live) {
    return [
      `Run nothing: ${live.kind} ${live.run} of ${live.operator} is at work right now. \`backout ${to}\` shows it and lets you watch.`,
    ];
  }
  if (position.failed !== null) {
    return [
      `Run nothing: the database could not be read (${position.failed}). First get in; then \`backout status ${to}\`.`,
    ];
  }
  if (unknown) {
    const which = run ?? open?.run ?? '';
    return [
      `Whether the last step was committed is not known. \`backout resume ${which} ${to}\` asks the database's own record before it asks you anything.`,
    ];
  }
  if (position.steps.some(({ state }) => state === 'conflict')) {
    return [
      `Run no SQL by hand: the tables are in a state that the runbook does not know. \`backout status ${to}\` says statement by statement what is there.`,
    ];
  }
  if (open) {
    return [
      `Waiting is safe: every step is done whole or not at all. \`backout resume ${open.run} ${to}\` goes on, each step confirmed.`,
      ...(open.done > 0
        ? [`\`backout undo ${open.run} ${to}\` takes back the ${open.done} step(s) that it had committed.`]
        : []),
    ];
  }
  return settled(facts, to, done?.run ?? null);
}

function settled({ position }: HandOverFacts, to: string, done: string | null): string[] {
  const states = new Set(position.steps.map(({ state }) => state));
  if (states.size === 1 && states.has('applied')) {
    return [
      `The rollback is done. \`backout verify ${to}\` checks it and changes nothing.`,
      ...(done === null ? [] : [`\`backout undo ${done} ${to}\` takes it back.`]),
    ];
  }
  if (states.size === 1 && states.has('pending')) {
    return [
      'Nothing of the rollback has been done: the tables are as the migration left them. Waiting is safe.',
    ];
  }
  return [
    `Part of the rollback is done. Waiting is safe; \`backout plan ${to}\` says what is left and changes nothing.`,
  ];
}

function besides({ stopped, beside, server }: HandOverFacts, to: string): string[] {
  return [
    ...(stopped
      ? [
          `Writes are stopped: nobody may connect. When it is well again: \`backout escalate ${to} --allow-writes --confirm ${shellWord(server.database)}\`.`,
        ]
      : []),
    ...(beside.length > 0
      ? [`\`backout escalate ${to}\` shows what can be done with what stands beside the database.`]
      : []),
  ];
}

const NEVER = [
  'Do not drop any database: the damaged one holds every row written since the last backup.',
  'Do not drop the schemas backout and backout_archive: a run is undone from them.',
];
