/** The database changes around the step: rights go, definitions change, the server loses patience, another one comes. */
import type { Fault, Stand, Strike } from '../support/point.ts';
import { aPlace, type Ended } from '../support/program.ts';
import type { Verdict } from '../support/proxy.ts';
import { runWords } from '../support/commands.ts';
import type { Reference, Traced } from '../support/reference.ts';
import { grant } from '../support/rights.ts';
import { saidWrong } from '../support/judge.ts';

const orMore = ({ states }: Reference, before: number): number[] =>
  states.flatMap((state, whole) => (state && whole >= before ? [whole] : []));

const asAdmin = (stand: Stand, sql: string): Promise<unknown> =>
  stand.lab.use(stand.database, (client) => client.query(sql));

/** A right goes before a statement, and is given back once the program has ended. */
export function permissionsRevoked(reference: Reference): Fault[] {
  const { user } = reference.scenario;
  if (user === undefined) return [];
  const rights: [string, string, string][] = [
    [
      'to create in schema public',
      `REVOKE CREATE ON SCHEMA public FROM ${user.name}`,
      `GRANT CREATE ON SCHEMA public TO ${user.name}`,
    ],
    ['to log in', `ALTER ROLE ${user.name} NOLOGIN`, `ALTER ROLE ${user.name} LOGIN`],
    ...(reference.store
      ? ([
          [
            'to the journal',
            'ALTER SCHEMA backout OWNER TO postgres',
            `ALTER SCHEMA backout OWNER TO ${user.name}`,
          ],
          [
            'to the archive',
            'ALTER SCHEMA backout_archive OWNER TO postgres',
            `ALTER SCHEMA backout_archive OWNER TO ${user.name}`,
          ],
        ] as [string, string, string][])
      : []),
  ];
  return rights.flatMap(([name, take, give]) =>
    reference.trace.map((at) => ({
      kind: 'permission-revoked',
      name,
      at,
      side: 'before' as const,
      allowed: orMore(reference, at.before),
      strike: async (strike: Strike): Promise<Verdict> => {
        // The first transactions make the schemas: before, there is nothing to take.
        await asAdmin(strike, `SET lock_timeout = '2s'; ${take}`).catch(() => undefined);
        return 'pass';
      },
      settle: async (stand: Stand) => void (await asAdmin(stand, give).catch(() => undefined)),
    })),
  );
}

/** [what, done to the table of Step 1, whether it is still there afterwards, taken back] */
const CHANGES: [string, string, string, string][] = [
  [
    'a column',
    'ALTER TABLE shipments ADD COLUMN somebody_was_here text',
    "SELECT FROM pg_attribute WHERE attname = 'somebody_was_here' AND attrelid IN (to_regclass('public.shipments'), to_regclass('public.parcels'))",
    'ALTER TABLE IF EXISTS shipments DROP COLUMN IF EXISTS somebody_was_here; ALTER TABLE IF EXISTS parcels DROP COLUMN IF EXISTS somebody_was_here',
  ],
  [
    'an index',
    'CREATE INDEX somebodys_index ON shipments(sent_at)',
    "SELECT FROM pg_index WHERE indexrelid = to_regclass('public.somebodys_index') AND indrelid IN (to_regclass('public.shipments'), to_regclass('public.parcels'))",
    'DROP INDEX IF EXISTS somebodys_index',
  ],
  [
    'a view',
    'CREATE VIEW somebodys_view AS SELECT id, label FROM shipments',
    "SELECT FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid WHERE r.ev_class = to_regclass('public.somebodys_view') AND d.refobjid IN (to_regclass('public.shipments'), to_regclass('public.parcels'))",
    'DROP VIEW IF EXISTS somebodys_view',
  ],
  [
    'a comment',
    "COMMENT ON COLUMN shipments.label IS 'somebody'",
    "SELECT FROM pg_description WHERE description = 'somebody' AND objoid IN (to_regclass('public.shipments'), to_regclass('public.parcels'))",
    "DO $$ BEGIN IF to_regclass('public.parcels') IS NULL THEN COMMENT ON COLUMN shipments.label IS NULL; ELSE COMMENT ON COLUMN parcels.label IS NULL; END IF; END $$",
  ],
  [
    'a right',
    'GRANT UPDATE (label) ON shipments TO PUBLIC',
    "SELECT FROM pg_attribute WHERE attname = 'label' AND attacl IS NOT NULL AND attrelid IN (to_regclass('public.shipments'), to_regclass('public.parcels'))",
    "DO $$ BEGIN IF to_regclass('public.parcels') IS NULL THEN REVOKE UPDATE (label) ON shipments FROM PUBLIC; ELSE REVOKE UPDATE (label) ON parcels FROM PUBLIC; END IF; END $$",
  ],
  [
    'a trigger',
    "CREATE FUNCTION somebodys() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER somebodys_trigger BEFORE UPDATE ON shipments FOR EACH ROW EXECUTE FUNCTION somebodys()",
    "SELECT FROM pg_trigger WHERE tgname = 'somebodys_trigger' AND tgrelid IN (to_regclass('public.shipments'), to_regclass('public.parcels'))",
    'DROP FUNCTION IF EXISTS somebodys() CASCADE',
  ],
  [
    'another type',
    'ALTER TABLE shipments ALTER COLUMN label TYPE text',
    "SELECT FROM pg_attribute WHERE attname = 'label' AND atttypid = 'text'::regtype AND attrelid IN (to_regclass('public.shipments'), to_regclass('public.parcels'))",
    'ALTER TABLE IF EXISTS shipments ALTER COLUMN label TYPE varchar(60); ALTER TABLE IF EXISTS parcels ALTER COLUMN label TYPE varchar(60)',
  ],
];

/** What an unattended run ends with when its confirmation is void: nobody is there to give another. */
const STOPPED = 13;

/**
 * Somebody changes the table after it was looked at for the last time and before the step's transaction: it stops, and
 * what was changed is still there.
 */
export function concurrentDdl(reference: Reference): Fault[] {
  const commit = reference.trace.find((at) => at.commits && at.before === 0);
  const begin = reference.trace.find((at) => at.transaction === commit?.transaction && at.index === 0);
  if (begin === undefined || reference.scenario.runbook === null) return [];
  return CHANGES.map(([name, make, there, unmake]) => ({
    kind: 'concurrent-ddl',
    name,
    at: begin,
    side: 'before',
    allowed: [0],
    // The column that was made in between leaves its number behind, so the tables are never quite the same again.
    brief: true,
    strike: async (strike): Promise<Verdict> => {
      await asAdmin(strike, make);
      return 'pass';
    },
    check: ({ ended }) =>
      ended.status === STOPPED
        ? []
        : [`it ended with ${ended.status}, and what somebody changed unseen ends with ${STOPPED}`],
    settle: async (stand) => {
      const { rowCount } = await stand.lab.use(stand.database, (client) => client.query(there));
      await asAdmin(stand, unmake);
      if (rowCount === 0) throw new Error(`${name} that was made in between is gone, and nobody was asked`);
    },
  }));
}

/** Long enough for the timeout that `rewrite` leaves in force; without it, for the program's own of a minute. */
const IDLE_MS = 70_000;

/**
 * The server ends the session because the transaction stood idle. The program sets a minute; on the way to the server
 * it becomes a second, in a value of the same length.
 */
export function idleTimeouts(reference: Reference): Fault[] {
  return reference.trace
    .filter(({ index }) => index > 0)
    .map((at) => ({
      kind: 'idle-timeout',
      at,
      side: 'before',
      arrange: ({ proxy }) => {
        proxy.rewrite = (bytes) => {
          if (!bytes.includes('idle_in_transaction_session_timeout')) return bytes;
          return Buffer.from(bytes.toString('latin1').replaceAll('60s', '01s'), 'latin1');
        };
      },
      strike: async ({ lab, statement }): Promise<Verdict> => {
        const until = Date.now() + IDLE_MS;
        const there = 'SELECT FROM pg_stat_activity WHERE pid = $1';
        await lab.use('postgres', async (client) => {
          while ((await client.query(there, [statement.backend])).rowCount !== 0) {
            if (Date.now() > until) throw new Error('the server does not end a session that stands idle');
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        });
        return 'pass';
      },
    }));
}

/** A second run is started while the first is held at a statement, and ends before the first goes on. */
export function twoAtOnce(reference: Reference): Fault[] {
  const { scenario, accepted } = reference;
  return reference.trace.map((at: Traced) => {
    let second: Ended | null = null;
    return {
      kind: 'two-at-once',
      at,
      side: 'before',
      allowed: orMore(reference, at.before),
      strike: async ({ lab, database }): Promise<Verdict> => {
        const place = await aPlace();
        second = await place.run(runWords(lab.url(database, scenario.user), database, scenario, accepted));
        await place.clear();
        return 'pass';
      },
      check: ({ ended, whole }) => {
        // Whichever finished, the rest is untouched by the other, and neither says what it did not see.
        const other =
          second === null ? ['the second did not run'] : secondWrong(second, whole, scenario.steps);
        return ended.status === 0 || second?.status === 0
          ? other
          : [...other, `neither got through: ${ended.status} and ${second?.status}`];
      },
      // What the second did, the first cannot have seen.
      forgiven: true,
    } satisfies Fault;
  });
}

/** The second ended before the first went on: a step that it calls not run may have been done since. */
function secondWrong(second: Ended, whole: number, steps: readonly string[]): string[] {
  const done = second.result?.steps.filter((step) => step.outcome === 'done').length ?? 0;
  if (second.status === 70) return saidWrong(second, whole, steps).map((line) => `the second run: ${line}`);
  return done > whole ? [`the second run said that ${done} steps are done, and ${whole} are`] : [];
}

/** A backup from before the rollback is put in the database's place while the program waits for an answer. */
export function restoredUnderIt(reference: Reference): Fault[] {
  const { scenario } = reference;
  const places = reference.trace.filter(({ index, commits }) => index === 0 || commits);
  return places.flatMap((at) =>
    (at.commits ? (['before', 'after'] as const) : (['before'] as const)).map((side) => ({
      kind: 'restored',
      at,
      side,
      allowed: [0],
      // That it called earlier steps done was so when it said it.
      forgiven: at.before > 0 || (side === 'after' && at.commits),
      strike: async ({ lab, database }): Promise<Verdict> => {
        await lab.restore(database, scenario.template);
        await grant(lab, scenario, database);
        return side === 'after' ? 'drop' : 'pass';
      },
    })),
  );
}
