/** SELECT of setval() and nextval(): where a sequence goes on, as ALTER SEQUENCE … RESTART sets it. */
import type { FuncCall, Node, SelectStmt } from '@pgsql/types';
import { onlyComputes } from './effects-functions.ts';
import { effect, placed } from './objects/names.ts';
import { functionsIn, tablesIn, textsOf } from './parse-tree.ts';
import type { Catalog, Effect, Statement } from './types.ts';

/** The sequence behind a column, as pg_get_serial_sequence names it; null where that is not known. */
type SerialOf = (table: string, column: string) => string[] | null;

const constant = (node: Node | undefined): string | null => {
  if (!node) return null;
  if ('TypeCast' in node) return constant(node.TypeCast.arg);
  return 'A_Const' in node && node.A_Const.sval ? (node.A_Const.sval.sval ?? '') : null;
};

/** `public.s` or `"My s"` as its parts; null where it is neither one name nor two. */
function nameIn(text: string): string[] | null {
  const part = String.raw`("(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;
  const found = new RegExp(`^\\s*${part}(?:\\s*\\.\\s*${part})?\\s*$`).exec(text);
  return (
    found
      ?.slice(1)
      .filter((one) => one !== undefined)
      .map((one) => (one.startsWith('"') ? one.slice(1, -1).replaceAll('""', '"') : one.toLowerCase())) ??
    null
  );
}

const calledName = ({ funcname }: FuncCall): string => {
  const parts = textsOf(funcname);
  return (parts[0] === 'pg_catalog' ? parts.slice(1) : parts).join('.');
};

function callsOf(select: SelectStmt): FuncCall[] | null {
  const plain = (select.op ?? 'SETOP_NONE') === 'SETOP_NONE' && !select.valuesLists && !select.intoClause;
  const calls = (select.targetList ?? []).flatMap((node) => {
    const val = 'ResTarget' in node ? node.ResTarget.val : undefined;
    return val && 'FuncCall' in val ? [val.FuncCall] : [];
  });
  const all = calls.length > 0 && calls.length === (select.targetList ?? []).length;
  return plain && all && calls.every((call) => /^(setval|nextval)$/.test(calledName(call))) ? calls : null;
}

const not = (why: string): Effect[] => [{ kind: 'not-understood', what: `SELECT: ${why}` }];

function sequenceOf(first: Node | undefined, serialOf: SerialOf): string[] | string {
  const text = constant(first);
  if (text !== null) return nameIn(text) ?? 'the sequence it names is not readable';
  const bare = first && 'TypeCast' in first ? first.TypeCast.arg : first;
  if (!bare || !('FuncCall' in bare) || calledName(bare.FuncCall) !== 'pg_get_serial_sequence')
    return 'which sequence it sets is worked out';
  const [table, column] = (bare.FuncCall.args ?? []).map(constant);
  const parts = table === null || table === undefined ? null : nameIn(table);
  if (!parts || !column) return 'which sequence it sets is worked out';
  return (
    serialOf(parts.join('.'), column) ??
    `the sequence of ${parts.join('.')}.${column} is looked up in the database; of an identity column name it yourself`
  );
}

/** Null for any other SELECT. */
export function sequenceEffects(select: SelectStmt, serialOf: SerialOf = () => null): Effect[] | null {
  const calls = callsOf(select);
  if (calls === null) return null;
  const rest = [
    ...calls.map(({ args = [] }) => args.slice(1)),
    select.fromClause,
    select.whereClause,
    select.withClause,
    select.groupClause,
    select.havingClause,
  ];
  const unknown = functionsIn(rest).find((name) => !onlyComputes(name));
  if (unknown !== undefined) return not(`it calls ${unknown}(), which may do more than compute a value`);
  const reads = tablesIn({ ...select });
  const effects: Effect[] = [];
  for (const { args = [] } of calls) {
    const parts = sequenceOf(args[0], serialOf);
    if (typeof parts === 'string') return not(parts);
    effects.push(effect(placed('sequence', parts), 'alter', { reads }));
  }
  return effects;
}

/** The sequence in a column's default, as the catalog spells it. */
function serialIn({ tables, schema }: Catalog): SerialOf {
  return (table, column) => {
    const known = tables[table.startsWith(`${schema}.`) ? table.slice(schema.length + 1) : table];
    const value = known?.columns.find(({ name }) => name === column)?.default ?? '';
    const text = /^nextval\('((?:[^']|'')+)'::regclass\)$/.exec(value)?.[1];
    return text === undefined ? null : nameIn(text.replaceAll("''", "'"));
  };
}

/** With the sequences that stand behind columns, once the catalog is known. */
export function withSerials(
  effects: readonly Effect[],
  { tree }: Pick<Statement, 'tree'>,
  catalog: Catalog,
): readonly Effect[] {
  if (effects[0]?.kind !== 'not-understood' || !('SelectStmt' in tree)) return effects;
  return sequenceEffects(tree.SelectStmt, serialIn(catalog)) ?? effects;
}
