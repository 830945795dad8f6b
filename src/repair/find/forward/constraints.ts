/** Constraints of the plan's tables that were added NOT VALID and never checked against the rows that were there. */
import { rowsOf } from '../../../sql/risk/text.ts';
import { quoteIdent } from '../../../sql/types-of.ts';
import { NOT_VALID } from '../../../sql/symbolic-table.ts';
import type { Constraint, Table } from '../../../sql/types.ts';
import type { Finder, RepairContext } from '../../find.ts';
import type { Repair } from '../../types.ts';
import { counted } from './asking.ts';
import { concerned } from './tables.ts';
import { from } from './unique.ts';

/** How many rows break it, as a query; null for what cannot be asked simply. Definitions are the server's own text. */
function breaking(table: Table, { type, definition }: Constraint): string | null {
  if (type === 'c') {
    const expression = /^CHECK \((.*)\)( NO INHERIT)? NOT VALID$/s.exec(definition)?.[1];
    return expression === undefined
      ? null
      : `SELECT pg_catalog.count(*) FROM ${from(table)} WHERE NOT (${expression})`;
  }
  const key = /^FOREIGN KEY \(([\w, "]+)\) REFERENCES ([\w."]+)\(([\w, "]+)\)/.exec(definition);
  if (type !== 'f' || !key || definition.includes('MATCH FULL')) return null;
  const [, own = '', far = '', keys = ''] = key;
  const [columns, others] = [own.split(', '), keys.split(', ')];
  const given = columns.map((column) => `near.${column} IS NOT NULL`).join(' AND ');
  const equal = columns.map((column, at) => `far.${others[at] ?? ''} = near.${column}`).join(' AND ');
  return `SELECT pg_catalog.count(*) FROM ${from(table)} AS near WHERE ${given} AND NOT EXISTS (SELECT FROM ${far} AS far WHERE ${equal})`;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function validate(context: RepairContext, table: Table, constraint: Constraint): Promise<Repair> {
  const question = breaking(table, constraint);
  const rows = question === null ? null : await counted(context, question);
  const broken =
    rows === null
      ? ['How many rows break it was not counted: if any do, it fails, and nothing is changed.']
      : rows === 0
        ? []
        : [`${rowsOf(rows)} break it: it fails as long as that is so.`];
  return {
    id: `not-valid:${table.name}.${constraint.name}`,
    title: `Check ${constraint.name} of ${table.name} against all rows`,
    found: `Constraint ${constraint.name} of ${table.name} is NOT VALID: rows that were there before it may break it. ${constraint.definition}.`,
    careful: ['It reads the whole table; others can read and write meanwhile.', ...broken],
    sql: `ALTER TABLE ${quoteIdent(table.name)} VALIDATE CONSTRAINT ${quoteIdent(constraint.name)};`,
    checks: [
      {
        title: `${constraint.name} holds for every row`,
        sql: `SELECT count(*) FROM pg_constraint WHERE conrelid = to_regclass(${literal(quoteIdent(table.name))}) AND conname = ${literal(constraint.name)} AND convalidated`,
        expect: '1',
      },
    ],
    recommended: rows === 0,
  };
}

export const unchecked: Finder = async (context) => {
  const found: Repair[] = [];
  for (const table of concerned(context)) {
    for (const constraint of table.constraints) {
      if (!NOT_VALID.test(constraint.definition) || constraint.type === 'n') continue;
      found.push(await validate(context, table, constraint));
    }
  }
  return found;
};
