/** What this role may do, and which types it will find. */
import { nextStatements } from '../../sql/position.ts';
import { tablesOf } from '../../sql/tables-of.ts';
import type { Effect } from '../../sql/types.ts';
import { decisive } from '../../sql/unsteady.ts';
import { asBoolean, asText, asTextOrNull } from '../../sql/values.ts';
import { arrayLiteral } from '../catalog.ts';
import { storeStateWithin } from '../store/state.ts';
import { isDropped, type Touched } from '../touched.ts';
import { answers, listed, type Check, type CheckContext } from './check.ts';
import { missingOnObjects } from './object-owners.ts';

/** DROP and ALTER ask for ownership, directly or through a role (manual, sql-altertable). */
const RIGHTS = `
  SELECT c.oid::text AS oid, c.relname AS name, pg_get_userbyid(c.relowner) AS owner,
         pg_has_role(c.relowner, 'USAGE') AS owned,
         has_table_privilege(c.oid, 'SELECT') AS may_select,
         has_table_privilege(c.oid, 'INSERT') AS may_insert,
         has_table_privilege(c.oid, 'UPDATE') AS may_update,
         has_table_privilege(c.oid, 'DELETE') AS may_delete,
         has_table_privilege(c.oid, 'TRUNCATE') AS may_truncate
    FROM pg_class c WHERE c.oid = ANY ($1::oid[])`;

export const privileges: Check = async (context) => {
  const { pass, warn, fail } = answers('privileges', 'This role may do all of it');
  const missing = [
    ...(await missingOnTables(context)),
    ...(await missingOnObjects(context)),
    ...(await missingOnSchema(context)),
    ...(await missingOnStore(context)),
  ];
  const { user, superuser, embedded } = context.server;
  if (missing.length > 0) {
    return fail(
      `Role ${user} may not do all of it.`,
      "Connect as the tables' owner, or have the rights granted.",
      missing,
    );
  }
  if (superuser && !embedded) {
    return warn(
      `Role ${user} is a superuser: triggers and functions of other people in this database would run with every right.`,
      "Better connect as the tables' owner. As a superuser, look at the check of other people's code.",
    );
  }
  return pass(`Role ${user} owns the tables, or is a member of the role that does.`);
};

/** LOCK TABLE … IN SHARE MODE takes a right to change the table (manual, sql-lock); only deletions ask for that. */
function toBeLocked({ catalog, plan, position, withoutArchive }: CheckContext): Set<string> {
  const names = withoutArchive === true ? [] : decisive(nextStatements(plan, position));
  return new Set(names.flatMap((name) => catalog.tables[name] ?? []).map(({ oid }) => String(oid)));
}

async function missingOnTables(context: CheckContext): Promise<string[]> {
  const { session, catalog, plan, touched } = context;
  const locked = toBeLocked(context);
  const read = tablesOf(plan).flatMap((name) => catalog.tables[name]?.oid ?? []);
  const oids = [...new Set([...touched.map(({ oid }) => oid), ...read])];
  const { rows } = await session.query(RIGHTS, [arrayLiteral(oids)]);
  return rows.flatMap((row) => {
    const table = touched.find(({ oid }) => String(oid) === asText(row['oid']));
    const name = asText(row['name']);
    const missing: string[] = [];
    if (table && needsOwnership(table) && !asBoolean(row['owned'])) {
      missing.push(`${name} belongs to ${asText(row['owner'])}: only its owner may change or drop it`);
    }
    if (!asBoolean(row['may_select'])) missing.push(`SELECT on ${name}`);
    const mayLock = ['may_update', 'may_delete', 'may_truncate'].some((right) => asBoolean(row[right]));
    if (locked.has(asText(row['oid'])) && !mayLock)
      missing.push(
        `UPDATE on ${name}, to keep others from writing to it: which rows are deleted hangs on it`,
      );
    for (const write of table?.writes ?? []) {
      if (!asBoolean(row[`may_${write.toLowerCase()}`])) missing.push(`${write} on ${name}`);
    }
    return missing;
  });
}

function needsOwnership(table: Touched): boolean {
  const constraints = table.droppedConstraints.size + table.addedConstraints.size + table.droppedIndexes.size;
  return isDropped(table) || table.renamedTo !== null || table.reshaped || constraints > 0;
}

async function missingOnSchema({ session, schema }: CheckContext): Promise<string[]> {
  const { rows } = await session.query(
    `SELECT has_schema_privilege(oid, 'CREATE') AS may_create FROM pg_namespace WHERE nspname = $1`,
    [schema],
  );
  if (rows[0] && asBoolean(rows[0]['may_create'])) return [];
  return [`CREATE on schema ${schema}, which renaming and creating tables needs`];
}

/** What the archive and the journal need; a store that is not ours is the check `archive`'s matter. */
async function missingOnStore({ session, withoutArchive }: CheckContext): Promise<string[]> {
  if (withoutArchive === true) return [];
  const { state, words } = await storeStateWithin(session);
  return state === 'cannot-create' ? words : [];
}

/** Looks the types up as the plan's statements will. A name of several words is one of the server's own. */
const TYPES = `
  SELECT n.name,
         COALESCE(to_regtype(n.name), CASE WHEN n.name !~ ' ' THEN to_regtype($2 || '.' || n.name) END) IS NOT NULL AS there,
         (SELECT string_agg(DISTINCT s.nspname, ', ') FROM pg_type t JOIN pg_namespace s ON s.oid = t.typnamespace
           WHERE t.typname = trim(BOTH '"' FROM n.name)) AS elsewhere,
         (SELECT e.extversion FROM pg_extension e WHERE e.extname = n.name) AS installed,
         (SELECT a.default_version FROM pg_available_extensions a WHERE a.name = n.name) AS available
    FROM unnest($1::text[]) AS n(name)`;

export const extension: Check = async ({ session, schema, plan, position }) => {
  const { pass, fail } = answers('extension', 'The types the plan needs are there');
  const names = typesOf(plan, position);
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  const { rows } = await session.query(TYPES, [arrayLiteral(names), quoted]);
  const missing = rows.filter((row) => !asBoolean(row['there']));
  if (missing.length > 0) {
    return fail(
      `${missing.length === 1 ? 'The type' : 'The types'} ${listed(missing.map((row) => asText(row['name'])))} cannot be found in schema ${schema}.`,
      `Install it before anything is run, for example: CREATE EXTENSION ${asText(missing[0]?.['name'])} SCHEMA ${schema};`,
      missing.map(whereabouts),
    );
  }
  const extensions = rows.flatMap((row) =>
    asTextOrNull(row['installed']) === null ? [] : [`${asText(row['name'])} ${asText(row['installed'])}`],
  );
  if (extensions.length > 0) return pass(`Every type is there; installed: ${listed(extensions)}.`);
  return pass(names.length === 0 ? 'The plan names no types.' : 'Every type the plan names is there.');
};

function whereabouts(row: Record<string, unknown>): string {
  const name = asText(row['name']);
  const elsewhere = asTextOrNull(row['elsewhere']);
  if (elsewhere)
    return `type ${name} exists in schema ${elsewhere} only, where the plan's statements do not look`;
  const available = asTextOrNull(row['available']);
  if (available) return `extension ${name} ${available} is on the server, but not installed in this database`;
  return `extension ${name} is not on the server: it has to be installed on the machine first`;
}

/** Without modifiers and array brackets; those that the plan itself makes first are not among them. */
function typesOf(plan: CheckContext['plan'], position: CheckContext['position']): string[] {
  const names = new Set<string>();
  const made = new Set<string>();
  const need = (type: string): void => {
    if (type !== '' && !made.has(base(type))) names.add(base(type));
  };
  for (const step of plan.steps) {
    const states = position.steps.find(({ id }) => id === step.id)?.statements ?? [];
    for (const { index, effects } of step.statements) {
      if (states.find((statement) => statement.index === index)?.state === 'applied') continue;
      for (const effect of effects) {
        if (effect.kind === 'create-table') effect.columns.forEach(({ type }) => need(type));
        else if (effect.kind === 'add-column') need(effect.column.type);
        else if (effect.kind === 'alter-type') need(effect.type);
        else if (effect.kind === 'object') madeBy(effect).forEach((type) => made.add(type));
      }
    }
  }
  return [...names].sort();
}

/** Names of a type that is there from this statement on. */
function madeBy({ type, verb, name, to, schema }: Extract<Effect, { kind: 'object' }>): string[] {
  if (type !== 'type' && type !== 'domain') return [];
  const now = verb === 'rename' ? to : verb === 'create' ? name : undefined;
  if (now === undefined) return [];
  return schema === undefined ? [now] : [now, `${schema}.${now}`];
}

function base(type: string): string {
  return type
    .replace(/\([^)]*\)/g, '')
    .replaceAll('[]', '')
    .replace(/\s+/g, ' ')
    .trim();
}
