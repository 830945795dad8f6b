/**
 * Stops a statement on the server in the middle of its work: another session holds what it will want next, as far as
 * it can be had, so that the statement begins and then waits.
 */
import type pg from 'pg';
import type { Lab } from './lab.ts';
import type { Statement, Verdict } from './proxy.ts';

/** Catalogs that definitions are written to; readers of SHARE go on, writers wait. */
const WRITTEN = [
  'pg_class',
  'pg_attribute',
  'pg_type',
  'pg_index',
  'pg_constraint',
  'pg_depend',
  'pg_attrdef',
  'pg_namespace',
  'pg_proc',
];
const POLL_MS = 3;

/**
 * Lets the statement go to the server, strikes once it waits there, then takes the obstacle away.
 * Nothing is struck when it does not wait for anything that can be held.
 */
export async function midStatement(
  lab: Lab,
  database: string,
  { backend }: Statement,
  { answered, strike }: { answered(): boolean; strike(): Promise<void> },
): Promise<Verdict> {
  const holder = await lab.open(database);
  const watcher = await lab.open('postgres');
  await hold(holder);
  void (async () => {
    try {
      if (await waits(watcher, backend, answered)) await strike();
    } finally {
      await holder.end().catch(() => undefined);
      await watcher.end().catch(() => undefined);
    }
  })().catch(() => undefined);
  return 'pass';
}

/** Whatever somebody else holds already is left out: that is what the statement's own transaction has. */
async function hold(holder: pg.Client): Promise<void> {
  const { rows } = await holder.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'backout', 'backout_archive') ORDER BY 1`,
  );
  await holder.query('BEGIN');
  const wanted = [
    ...rows.map(({ name }) => `${name} IN ACCESS EXCLUSIVE MODE`),
    ...WRITTEN.map((name) => `pg_catalog.${name} IN SHARE MODE`),
    'pg_catalog.pg_statistic IN ACCESS EXCLUSIVE MODE',
  ];
  for (const each of wanted) {
    await holder.query('SAVEPOINT one');
    await holder.query(`LOCK TABLE ${each} NOWAIT`).catch(() => holder.query('ROLLBACK TO one'));
  }
}

/** True once the backend waits for a lock; false when it has answered instead. */
async function waits(watcher: pg.Client, backend: number, answered: () => boolean): Promise<boolean> {
  while (!answered()) {
    const { rows } = await watcher.query<{ waiting: boolean }>(
      "SELECT wait_event_type = 'Lock' AS waiting FROM pg_stat_activity WHERE pid = $1",
      [backend],
    );
    if (rows[0] === undefined) return false;
    if (rows[0].waiting) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
}
