/** The tables of schema `backout`: how they are made, and by what they are known to be ours. */
import type { TableDefinition } from '../../sql/definition.ts';

export const JOURNAL = 'backout';
export const ARCHIVE = 'backout_archive';

/** In the order in which they refer to each other. */
export const TABLES = ['run', 'step', 'archived', 'begun'] as const;

/** Those without which nothing can be read; a store of an earlier version lacks the others until it is next used. */
export const NEEDED: readonly StoreTable[] = ['run', 'step', 'archived'];

export type StoreTable = (typeof TABLES)[number];

/** Types and functions are the server's own: run with `pg_catalog, pg_temp` as the search_path. */
export const CREATE: Readonly<Record<StoreTable, string>> = {
  run: `
    CREATE TABLE backout.run (
      run text PRIMARY KEY,
      kind text NOT NULL CHECK (kind IN ('rollback', 'undo', 'repair')),
      undoes text REFERENCES backout.run,
      runbook jsonb NOT NULL,
      plan text NOT NULL,
      schema text NOT NULL,
      operator text NOT NULL,
      host text NOT NULL,
      version text NOT NULL,
      started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
      backend_pid int,
      backend_start timestamptz,
      ended_at timestamptz,
      outcome text)`,
  step: `
    CREATE TABLE backout.step (
      run text NOT NULL REFERENCES backout.run,
      step text NOT NULL,
      title text NOT NULL,
      form text NOT NULL,
      procedure text NOT NULL,
      done_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
      xid xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(),
      snapshot pg_snapshot NOT NULL DEFAULT pg_catalog.pg_current_snapshot(),
      detail jsonb NOT NULL,
      undone_by text REFERENCES backout.run,
      PRIMARY KEY (run, step))`,
  archived: `
    CREATE TABLE backout.archived (
      run text NOT NULL REFERENCES backout.run,
      step text NOT NULL,
      seq int NOT NULL,
      kind text NOT NULL,
      source_schema text NOT NULL,
      object text NOT NULL,
      archived text,
      "rows" bigint,
      detail jsonb NOT NULL,
      purged_at timestamptz,
      PRIMARY KEY (run, step, seq))`,
  begun: `
    CREATE TABLE backout.begun (
      run text NOT NULL REFERENCES backout.run,
      step text NOT NULL,
      title text NOT NULL,
      procedure text NOT NULL,
      begun_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
      backend_pid int NOT NULL,
      backend_start timestamptz,
      detail jsonb NOT NULL,
      proof jsonb NOT NULL,
      ended_at timestamptz,
      PRIMARY KEY (run, step))`,
};

const AT = 'timestamp with time zone';
const NOW = ' default clock_timestamp()';

/** Columns and constraints as the server spells them with `backout` in the search_path. */
const EXPECTED: Readonly<Record<StoreTable, { columns: string[]; constraints: string[] }>> = {
  run: {
    columns: [
      ...['run text not null', 'kind text not null', 'undoes text', 'runbook jsonb not null'],
      ...['plan text not null', 'schema text not null', 'operator text not null', 'host text not null'],
      ...['version text not null', `started_at ${AT} not null${NOW}`, 'backend_pid integer'],
      ...[`backend_start ${AT}`, `ended_at ${AT}`, 'outcome text'],
    ],
    constraints: [
      'PRIMARY KEY (run)',
      "CHECK ((kind = ANY (ARRAY['rollback'::text, 'undo'::text, 'repair'::text])))",
      'FOREIGN KEY (undoes) REFERENCES run(run)',
    ],
  },
  step: {
    columns: [
      ...['run text not null', 'step text not null', 'title text not null', 'form text not null'],
      ...['procedure text not null', `done_at ${AT} not null${NOW}`],
      ...['xid xid8 not null default pg_current_xact_id()'],
      ...['snapshot pg_snapshot not null default pg_current_snapshot()', 'detail jsonb not null'],
      'undone_by text',
    ],
    constraints: [
      'PRIMARY KEY (run, step)',
      'FOREIGN KEY (run) REFERENCES run(run)',
      'FOREIGN KEY (undone_by) REFERENCES run(run)',
    ],
  },
  archived: {
    columns: [
      ...['run text not null', 'step text not null', 'seq integer not null', 'kind text not null'],
      ...['source_schema text not null', 'object text not null', 'archived text', 'rows bigint'],
      ...['detail jsonb not null', `purged_at ${AT}`],
    ],
    constraints: ['PRIMARY KEY (run, step, seq)', 'FOREIGN KEY (run) REFERENCES run(run)'],
  },
  begun: {
    columns: [
      ...['run text not null', 'step text not null', 'title text not null', 'procedure text not null'],
      ...[`begun_at ${AT} not null${NOW}`, 'backend_pid integer not null', `backend_start ${AT}`],
      ...['detail jsonb not null', 'proof jsonb not null', `ended_at ${AT}`],
    ],
    constraints: ['PRIMARY KEY (run, step)', 'FOREIGN KEY (run) REFERENCES run(run)'],
  },
};

/**
 * What makes a table of this name another one than ours, one sentence each: another shape, or anything on it that
 * would run code when a row is written. From PostgreSQL 18 on NOT NULL is a constraint of its own, which the columns
 * tell already.
 */
export function strangeIn(table: TableDefinition): string[] {
  const name = `${JOURNAL}.${table.name}`;
  const expected = EXPECTED[table.name as StoreTable];
  const columns = table.columns.map(
    (column) =>
      `${column.name} ${column.type}${column.notNull ? ' not null' : ''}${column.default === null ? '' : ` default ${column.default}`}${column.generated}${column.identity}`,
  );
  const constraints = table.constraints
    .filter(({ type }) => type !== 'n')
    .map(({ definition }) => definition);
  const strangers = (table.grants ?? []).filter(
    ({ privilege, grantee }) => privilege === 'TRIGGER' && grantee !== table.owner,
  );
  return [
    ...(same(columns, expected.columns) ? [] : [`${name} has other columns than the journal's`]),
    ...(same(constraints, expected.constraints) ? [] : [`${name} has other constraints than the journal's`]),
    ...table.triggers.map((trigger) => `${name} has a trigger, ${trigger.name}`),
    ...table.rules.map((rule) => `${name} has a rule, ${rule.name}`),
    ...table.policies.map((policy) => `${name} has a policy, ${policy.name}`),
    ...(table.rowSecurity.enabled || table.rowSecurity.forced ? [`${name} has row security`] : []),
    ...table.indexes
      .filter(({ constraint }) => constraint === null)
      .map((index) => `${name} has an index that is not the journal's, ${index.name}`),
    ...table.statistics.map((statistics) => `${name} has extended statistics, ${statistics.name}`),
    ...(table.kind !== 'r' || table.persistence !== 'p' || table.parents.length + table.children.length > 0
      ? [`${name} is no ordinary table`]
      : []),
    ...strangers.map(({ grantee }) => `${grantee || 'everybody'} may put triggers on ${name}`),
  ];
}

function same(found: readonly string[], expected: readonly string[]): boolean {
  return [...found].sort().join('\n') === [...expected].sort().join('\n');
}
