/** Whether the two schemas of ours are there, are ours, and may be used. */
import type { Session } from '../../sql/session.ts';
import { asBoolean, asText } from '../../sql/values.ts';
import { toLine } from '../../terminal/sanitize.ts';
import { arrayLiteral } from '../catalog.ts';
import { readDefinitions } from '../definition.ts';
import { pinned } from '../scope.ts';
import { ARCHIVE, JOURNAL, NEEDED, strangeIn, TABLES } from './shape.ts';

/**
 * ready: there and usable. absent: not there, or not all of it, and this role may make it. cannot-create: this role may
 * not make or use it. foreign: something of these names is there that is not backout's, and is not touched.
 */
export type StoreStatus = 'ready' | 'absent' | 'cannot-create' | 'foreign';

export interface StoreState {
  state: StoreStatus;
  /** Why, one sentence each without a full stop; sanitised. Empty when ready or absent. */
  words: string[];
}

/**
 * Whose objects may run code as us: our own, a superuser's, and those of a role whose rights we have anyway. Every
 * superuser counts as a member of every role (manual, functions-info: pg_has_role), which says nothing about trust: for
 * a superuser only the database's owner counts beside.
 */
const TRUSTED = (owner: string): string => `(
  ${owner} = me.oid OR (SELECT o.rolsuper FROM pg_roles o WHERE o.oid = ${owner})
  OR CASE WHEN me.rolsuper THEN ${owner} = (SELECT b.datdba FROM pg_database b WHERE b.datname = current_database())
          ELSE pg_has_role(${owner}, 'USAGE') END)`;

const ME = '(SELECT r.oid, r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) AS me';

const SCHEMAS = `
  SELECT n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner, ${TRUSTED('n.nspowner')} AS trusted,
         has_schema_privilege(n.oid, 'USAGE') AS may_use, has_schema_privilege(n.oid, 'CREATE') AS may_create
    FROM pg_namespace n CROSS JOIN ${ME}
   WHERE n.nspname = ANY ($1::name[])`;

const RELATIONS = `
  SELECT c.relname AS name, c.relkind AS kind, pg_get_userbyid(c.relowner) AS owner, ${TRUSTED('c.relowner')} AS trusted,
         CASE WHEN c.relkind = 'r' THEN has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
                AND has_table_privilege(c.oid, 'UPDATE') ELSE false END AS may_write,
         has_table_privilege(c.oid, 'SELECT') AS may_read
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN ${ME}
   WHERE n.nspname = $1 AND c.relname = ANY ($2::name[])`;

const MAY_CREATE = `SELECT has_database_privilege(current_database(), 'CREATE') AS may, current_user AS me`;

/** Looks, and changes nothing. Not inside a transaction. @throws {DatabaseError} */
export async function storeState(session: Session): Promise<StoreState> {
  return pinned(session, () => storeStateWithin(session));
}

/** As {@link storeState}, where the search_path is ours already; inside a transaction too. */
export async function storeStateWithin(session: Session): Promise<StoreState> {
  const { state, words } = await inspect(session);
  return { state, words: words.map((line) => toLine(line)) };
}

async function inspect(session: Session): Promise<StoreState & { readable: boolean }> {
  const schemas = (await session.query(SCHEMAS, [arrayLiteral([JOURNAL, ARCHIVE])])).rows;
  const relations = (await session.query(RELATIONS, [JOURNAL, arrayLiteral(TABLES)])).rows;
  const foreign = [
    ...schemas
      .filter((row) => !asBoolean(row['trusted']))
      .map((row) => `schema ${asText(row['name'])} belongs to ${asText(row['owner'])}`),
    ...relations.flatMap((row) => strangerOf(row)),
  ];
  const names = relations.map((row) => asText(row['name']));
  const definitions =
    foreign.length === 0 && names.length > 0 ? await readDefinitions(session, JOURNAL, names) : [];
  foreign.push(...definitions.flatMap(strangeIn));
  if (foreign.length > 0) return { state: 'foreign', words: foreign, readable: false };
  const complete = schemas.length === 2 && relations.length === TABLES.length;
  const there = relations.map((row) => asText(row['name']));
  const readable =
    schemas.length === 2 &&
    NEEDED.every((name) => there.includes(name)) &&
    schemas.every((row) => asText(row['name']) !== JOURNAL || asBoolean(row['may_use'])) &&
    relations.every((row) => asBoolean(row['may_read']));
  const lacking = await lackingRights(session, schemas, relations);
  if (lacking.length > 0) return { state: 'cannot-create', words: lacking, readable };
  return { state: complete ? 'ready' : 'absent', words: [], readable };
}

type Row = Record<string, unknown>;

function strangerOf(row: Row): string[] {
  const name = `${JOURNAL}.${asText(row['name'])}`;
  if (asText(row['kind']) !== 'r') return [`${name} is no table`];
  return asBoolean(row['trusted']) ? [] : [`${name} belongs to ${asText(row['owner'])}`];
}

async function lackingRights(session: Session, schemas: Row[], relations: Row[]): Promise<string[]> {
  const row = (await session.query(MAY_CREATE)).rows[0] ?? {};
  const me = asText(row['me']);
  const lacking: string[] = [];
  const complete = relations.length === TABLES.length;
  for (const name of [JOURNAL, ARCHIVE]) {
    const schema = schemas.find((candidate) => asText(candidate['name']) === name);
    if (!schema) {
      if (!asBoolean(row['may'])) lacking.push(`${me} may not create schema ${name} in this database`);
      continue;
    }
    if (!asBoolean(schema['may_use'])) lacking.push(`${me} may not use schema ${name}`);
    const creates = name === ARCHIVE || !complete;
    if (creates && !asBoolean(schema['may_create']))
      lacking.push(`${me} may not create anything in schema ${name}`);
  }
  for (const relation of relations) {
    if (!asBoolean(relation['may_write']))
      lacking.push(`${me} may not read and write ${JOURNAL}.${asText(relation['name'])}`);
  }
  return lacking;
}

/**
 * Whether the journal may be read: it is there, it is ours, and this role may. Looked at each time: a view or a policy of
 * somebody else's under these names would run code as us.
 * @throws {DatabaseError}
 */
export async function isReadable(session: Session): Promise<boolean> {
  return (await inspect(session)).readable;
}
