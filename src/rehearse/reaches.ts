/** What would act outside of a scratch database: everything else may be run in one. Pure; needs `loadParser`. */
import { parseStatements } from '../sql/parse.ts';
import { functionsIn, walk } from '../sql/parse-tree.ts';
import type { Plan } from '../sql/types.ts';
import { toLine } from '../terminal/sanitize.ts';

/** Statements about what is in one database; others (roles, databases, tablespaces, servers …) are not rehearsed. */
const WITHIN: ReadonlySet<string> = new Set(
  [
    ...['Select', 'Insert', 'Update', 'Delete', 'Merge', 'Truncate', 'CreateTableAs', 'Copy', 'Do', 'Call'],
    ...['Create', 'AlterTable', 'Rename', 'Drop', 'Index', 'Reindex', 'CreateSeq', 'AlterSeq', 'View'],
    ...['RefreshMatView', 'CreateTrig', 'CreateEnum', 'AlterEnum', 'CompositeType', 'CreateDomain'],
    ...['AlterDomain', 'CreateRange', 'AlterType', 'CreatePolicy', 'AlterPolicy', 'Rule', 'Comment', 'Grant'],
    ...['AlterOwner', 'AlterObjectSchema', 'AlterObjectDepends', 'CreateSchema', 'CreateFunction'],
    ...['AlterFunction', 'CreateStats', 'AlterStats', 'Define', 'CreateExtension', 'VariableSet', 'Lock'],
    ...['ConstraintsSet', 'Vacuum', 'Cluster', 'Transaction', 'VariableShow', 'Explain'],
    ...['AlterDefaultPrivileges', 'CreateCast', 'AlterCollation', 'AlterOperator'],
  ].map((word) => `${word}Stmt`),
);

/** Objects that all databases of a server share, by the names of the parse tree. */
const SHARED =
  /^OBJECT_(DATABASE|ROLE|TABLESPACE|PARAMETER_ACL|SUBSCRIPTION|FOREIGN_SERVER|FDW|USER_MAPPING|EVENT_TRIGGER)$/;

/** Extensions that work on their own database alone and start nothing: as PostgreSQL brings them, and pgvector, PostGIS. */
export const PLAIN_EXTENSIONS: ReadonlySet<string> = new Set([
  ...[
    'plpgsql',
    'vector',
    'postgis',
    'postgis_topology',
    'postgis_raster',
    'pg_trgm',
    'pgcrypto',
    'uuid-ossp',
  ],
  ...[
    'citext',
    'hstore',
    'ltree',
    'btree_gin',
    'btree_gist',
    'intarray',
    'unaccent',
    'fuzzystrmatch',
    'cube',
  ],
  ...['earthdistance', 'tablefunc', 'isn', 'seg', 'intagg', 'dict_int', 'dict_xsyn', 'bloom', 'tcn', 'lo'],
  ...[
    'tsm_system_rows',
    'tsm_system_time',
    'moddatetime',
    'autoinc',
    'insert_username',
    'refint',
    'pg_stat_statements',
  ],
]);

/** Functions of the server, and of extensions, that act on other databases, on files, on sessions or on settings. */
const FAR =
  /\b(dblink\w*|pg_(reload|rotate|switch|terminate|cancel|create_(?!seq)|drop_|logical|replication|promote|read_|ls_|file_|stat_file|hba|wal_|backup|start_backup|stop_backup|log_|reset|import|export|execute_server)\w*|lo_(import|export)\w*|query_to_xml\w*|cron|http\w*|net\s*\.|adminpack|program|alter\s+system|postgres_fdw\w*|copy)\b/i;

/** Whether a function's or a block's source may act outside: its words are looked at, EXECUTE of a made-up text too. */
export function bodyReaches(source: string): boolean {
  return FAR.test(source) || /\bexecute\b(?!\s+(function|procedure)\b)/i.test(source);
}

/** A function of the database, as far as it can be judged. */
export interface OwnFunction {
  name: string;
  language: string;
  source: string;
}

const READABLE: ReadonlySet<string> = new Set(['sql', 'plpgsql']);

/** Names of functions that may act outside: by what they say, or by calling one that may. */
export function reachingFunctions(functions: readonly OwnFunction[]): Set<string> {
  const found = new Set(
    functions
      .filter(({ language, source }) => !READABLE.has(language) || bodyReaches(source))
      .map(({ name }) => name),
  );
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { name, source } of functions) {
      const words = source.match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? [];
      if (!found.has(name) && words.some((word) => found.has(word))) found.add(name);
    }
  }
  return found;
}

/** Why a statement's tree may act outside of the database it is run in; null when it cannot. */
export function reachesOut(tree: unknown, reaching: ReadonlySet<string>): string | null {
  let why: string | null = null;
  walk(tree, (kind, fields) => {
    if (why !== null) return;
    if (/^[A-Z]\w*Stmt$/.test(kind) && !WITHIN.has(kind))
      why = `is no statement about one database (${kind.replace(/Stmt$/, '')})`;
    else if (kind === 'CopyStmt') why = 'copies from or to a file or a program';
    else if (kind === 'CreateExtensionStmt' && !PLAIN_EXTENSIONS.has(String(fields.extname)))
      why = `makes the extension ${toLine(String(fields.extname), 80)}, which may act outside of the database`;
    else if (
      [fields.objtype, fields.removeType, fields.renameType, fields.objectType].some(
        (one) => typeof one === 'string' && SHARED.test(one),
      )
    )
      why = 'is about something that all databases of the server share';
    else if (
      kind === 'DefElem' &&
      fields.defname === 'language' &&
      !READABLE.has(languageOf(fields).toLowerCase())
    )
      why = `holds code in ${toLine(languageOf(fields), 40)}, which cannot be judged`;
    else if (
      (kind === 'DoStmt' || kind === 'CreateFunctionStmt') &&
      bodyReaches(JSON.stringify(textsBelow(fields)))
    )
      why = 'holds code that may act outside of the database';
  });
  const called = functionsIn(tree).find(
    (name) => FAR.test(name) || reaching.has(name.split('.').at(-1) ?? ''),
  );
  return (
    why ??
    (called === undefined ? null : `calls ${toLine(called, 80)}, which may act outside of the database`)
  );
}

const languageOf = (fields: Record<string, unknown>): string => textsBelow(fields.arg)[0] ?? '';

function textsBelow(value: unknown): string[] {
  const texts: string[] = [];
  walk({ value }, (kind, fields) => {
    if (kind === 'String' && typeof fields.sval === 'string') texts.push(fields.sval);
  });
  return texts;
}

/** Why a plan cannot be run in a scratch database, one sentence each. */
export function reachesOutOf(plan: Plan, reaching: ReadonlySet<string>): string[] {
  return plan.steps.flatMap(({ id, statements }) =>
    statements.flatMap(({ index, tree }) => {
      const why = reachesOut(tree, reaching);
      return why === null ? [] : [`Statement ${index} of ${id} ${why}.`];
    }),
  );
}

/** Whether a query may be asked there: it is read first, and one that does not parse is not. */
export function mayBeAsked(sql: string, reaching: ReadonlySet<string>): boolean {
  try {
    return parseStatements(sql).every(({ tree }) => reachesOut(tree, reaching) === null);
  } catch {
    return false;
  }
}
