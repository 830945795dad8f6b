/** A plan for a scratch schema: types and functions of the tables' own schema are named with it, all else is as written. */
import { parseOne, parseStatements } from '../sql/parse.ts';
import { textsOf, walk } from '../sql/parse-tree.ts';
import type { Node } from '@pgsql/types';
import type { Plan, Statement } from '../sql/types.ts';
import type { OwnNames } from './names.ts';

/** Byte offsets at which the schema has to be written. */
function places(tree: unknown, { types, extensionFunctions }: OwnNames): number[] {
  const found = new Set<number>();
  walk(tree, (kind, fields) => {
    const [list, wanted] =
      kind === 'FuncCall'
        ? [fields.funcname, extensionFunctions]
        : kind === 'TypeName' || kind === 'typeName'
          ? [fields.names, types]
          : [null, null];
    if (!Array.isArray(list) || !wanted) return;
    const parts = textsOf(list as Node[]);
    if (parts.length === 1 && wanted.has(parts[0] ?? '')) found.add(Number(fields.location ?? 0));
  });
  return [...found].sort((one, other) => other - one);
}

/** The text with the schema before each of those names. */
export function qualifiedSql(sql: string, names: OwnNames): string {
  const prefix = Buffer.from(`"${names.schema.replaceAll('"', '""')}".`, 'utf8');
  let bytes = Buffer.from(sql, 'utf8');
  for (const at of places(parseOne(sql), names)) {
    bytes = Buffer.concat([bytes.subarray(0, at), prefix, bytes.subarray(at)]);
  }
  return bytes.toString('utf8');
}

function statementFor(statement: Statement, names: OwnNames): Statement {
  const sql = qualifiedSql(statement.sql, names);
  if (sql === statement.sql) return statement;
  const [parsed] = parseStatements(sql, statement.line);
  return parsed ? { ...parsed, index: statement.index, comment: statement.comment } : statement;
}

/** Needs `loadParser`. */
export function qualifiedPlan(plan: Plan, names: OwnNames): Plan {
  return {
    ...plan,
    steps: plan.steps.map((step) => ({
      ...step,
      statements: step.statements.map((statement) => statementFor(statement, names)),
    })),
  };
}
