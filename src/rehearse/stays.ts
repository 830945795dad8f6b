/** Whether SQL stays on the copy: what names the real tables, or might, is not run in a scratch schema. Pure. */
import { scanSync } from 'libpg-query';
import { functionsIn, walk } from '../sql/parse-tree.ts';
import type { Effect, Plan, Statement } from '../sql/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { OwnNames } from './names.ts';

/** About tables and what is in them: these exist in the copy. */
const COPIED: ReadonlySet<Effect['kind']> = new Set<Effect['kind']>([
  'create-table',
  'drop-table',
  'rename-table',
  'add-column',
  'drop-column',
  'rename-column',
  'set-not-null',
  'drop-not-null',
  'set-default',
  'drop-default',
  'alter-type',
  'add-constraint',
  'drop-constraint',
  'rename-constraint',
  'validate-constraint',
  'create-index',
  'drop-index',
  'rename-index',
  'reindex',
  'update',
  'insert',
  'delete',
  'select',
  'upkeep',
  'comment',
  'lock',
  'setting',
  'nothing',
]);

const plain = (text: string): string =>
  text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();

/** The first schema, not the server's own, that a statement names: before a dot, or in a text as `schema.`. */
export function schemaNamed(sql: string, names: Pick<OwnNames, 'schemas'>): string | null {
  const { tokens } = scanSync(sql);
  for (const [at, { text, tokenName }] of tokens.entries()) {
    if (tokenName === 'SCONST') {
      const found = [...names.schemas].find(
        (schema) => text.includes(`${schema}.`) || text.includes(`"${schema}"`),
      );
      if (found !== undefined) return found;
    } else if (tokens[at + 1]?.text === '.' && tokens[at - 1]?.text !== '.') {
      const name = plain(text);
      if (names.schemas.has(name)) return name;
    }
  }
  return null;
}

/** Functions that are no server's and no extension's, and those of the server that work outside of transactions. */
function strangeFunctions(tree: unknown, { ownFunctions }: OwnNames): string[] {
  return functionsIn(tree).filter(
    (name) =>
      ownFunctions.has(name) ||
      name.includes('.') ||
      /^(dblink|pg_notify$|pg_(reload|rotate|switch|terminate|cancel|create|drop|logical|replication|promote|read|advisory)_|lo_|query_to_xml|cursor_to_xml|set_config$)/.test(
        name,
      ),
  );
}

const STRANGE = [
  'DoStmt',
  'CallStmt',
  'CopyStmt',
  'VariableSetStmt',
  'NotifyStmt',
  'LockStmt',
  'ExecuteStmt',
];

/** Commands in a statement's tree that act outside of the copy, whatever they are about. */
function strangeCommand(tree: unknown, fine: readonly string[] = []): string | null {
  let found: string | null = null;
  walk(tree, (kind) => {
    if (STRANGE.includes(kind) && !fine.includes(kind)) found = kind.replace(/Stmt$/, '').toUpperCase();
  });
  return found;
}

/** Locks on what is copied, and settings that are understood, which end with their step. */
const understood = (effects: readonly Effect[]): string[] => [
  ...(effects.every(({ kind }) => kind === 'lock') ? ['LockStmt'] : []),
  ...(effects.every(({ kind }) => kind === 'setting') ? ['VariableSetStmt'] : []),
];

function obstacle(statement: Statement, names: OwnNames): string | null {
  const { tree, effects, sql } = statement;
  const strange = effects.find(({ kind }) => !COPIED.has(kind));
  if (strange) {
    return strange.kind === 'not-understood'
      ? 'is not understood'
      : 'is about more than tables and their rows';
  }
  const command = strangeCommand(tree, understood(effects));
  if (command !== null) return `may act outside of a copy (${command})`;
  const schema = schemaNamed(sql, names);
  if (schema !== null) return `names the schema ${toLine(schema, 80)}`;
  const [called] = strangeFunctions(tree, names);
  return called === undefined ? null : `calls ${toLine(called, 80)}, which may do anything`;
}

/** Why a plan cannot be rehearsed in a scratch schema, one sentence each. Needs `loadParser`. */
export function leavesCopy(plan: Plan, names: OwnNames): string[] {
  return plan.steps.flatMap(({ id, statements }) =>
    statements.flatMap((statement) => {
      const why = obstacle(statement, names);
      return why === null ? [] : [`Statement ${statement.index} of ${id} ${why}.`];
    }),
  );
}

/** What the embedded one has of objects beside tables, or can do without. */
function madeThere(effect: Effect): boolean {
  if (COPIED.has(effect.kind) || effect.kind === 'guard') return true;
  if (effect.kind !== 'object') return false;
  if (effect.type === 'table') return effect.verb === 'alter';
  return effect.verb === 'create' && ['type', 'domain', 'sequence'].includes(effect.type);
}

/**
 * Why a plan cannot be rehearsed where only the tables of the run's schema are, one sentence each: a statement that fails
 * there would say nothing of the database. Needs `loadParser`.
 */
export function missesThere(plan: Plan, names: OwnNames): string[] {
  const others = { schemas: new Set([...names.schemas].filter((schema) => schema !== names.schema)) };
  const why = ({ effects, sql, tree }: Statement): string | null => {
    const strange = effects.find((effect) => !madeThere(effect));
    if (strange?.kind === 'not-understood') return 'is not understood';
    if (strange) return 'is about more than tables and their rows';
    const schema = schemaNamed(sql, others);
    if (schema !== null) return `names the schema ${toLine(schema, 80)}`;
    const [called] = functionsIn(tree).filter(
      (name) => names.ownFunctions.has(name) || names.extensionFunctions.has(name) || name.includes('.'),
    );
    return called === undefined ? null : `calls ${toLine(called, 80)}`;
  };
  return plan.steps.flatMap(({ id, statements }) =>
    statements.flatMap((statement) => {
      const found = why(statement);
      return found === null
        ? []
        : [`Statement ${statement.index} of ${id} ${found}: only tables are copied there.`];
    }),
  );
}

/** Whether a query of the verification may be asked about the copy. */
export function staysWithin(sql: string, tree: unknown, names: OwnNames): boolean {
  return (
    strangeCommand(tree) === null &&
    schemaNamed(sql, names) === null &&
    !scanSync(sql).tokens.some(
      ({ text, tokenName }) => tokenName === 'SCONST' && names.schemas.has(text.slice(1, -1)),
    ) &&
    strangeFunctions(tree, names).length === 0
  );
}
