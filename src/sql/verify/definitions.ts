/** The catalog the plan had to end in, against the one it did end in: columns, types, defaults, NOT NULL, constraints. */
import type { Catalog, Column, Table, VerifyCheck } from '../types.ts';
import { sameType } from '../types-of.ts';

/** One check a table that the plan ends with; none when nobody looked at the catalog before Step 1. */
export function definitionChecks(intended: Catalog | null, found: Catalog): VerifyCheck[] {
  if (!intended) return [];
  // What columns a view gets that the plan makes is not worked out beforehand.
  const known = Object.values(intended.tables).filter(
    ({ oid, kind, open }) => open !== true && (oid !== 0 || !'vm'.includes(kind)),
  );
  return known.flatMap((table) => [
    columnsCheck(table, found.tables[table.name]),
    ...constraintsCheck(table, found.tables[table.name]),
  ]);
}

function columnsCheck(intended: Table, found: Table | undefined): VerifyCheck {
  const differences = found
    ? columnDifferences(intended.columns, found.columns)
    : ['the table does not exist'];
  return {
    id: `columns:${intended.name}`,
    title: `Columns of ${intended.name}`,
    ok: differences.length === 0,
    expected: `${intended.columns.length} columns, with their types and NOT NULL`,
    found: differences.length === 0 ? 'as expected' : differences.join('; '),
    detail: '',
  };
}

function columnDifferences(intended: Column[], found: Column[]): string[] {
  const there = new Map(found.map((column) => [column.name, column]));
  const wanted = new Set(intended.map((column) => column.name));
  const wrong = intended.flatMap((column) => {
    const actual = there.get(column.name);
    return actual ? columnDifference(column, actual) : [`${column.name} is missing`];
  });
  const extra = found
    .filter((column) => !wanted.has(column.name))
    .map((column) => `${column.name} should be gone`);
  return [...wrong, ...extra];
}

function columnDifference(intended: Column, actual: Column): string[] {
  const differences: string[] = [];
  if (intended.type !== '' && !sameType(intended.type, actual.type))
    differences.push(`${actual.name} is ${actual.type}, not ${intended.type}`);
  if (intended.notNull !== actual.notNull) {
    differences.push(
      `${actual.name} is ${actual.notNull ? 'NOT NULL' : 'nullable'}, not ${intended.notNull ? 'NOT NULL' : 'nullable'}`,
    );
  }
  // NULL as the default of a column that is new: stored where its type is a domain, which no statement says.
  const none = actual.default === null || (intended.default === null && /^NULL::/.test(actual.default));
  if ((intended.default === null) !== none) {
    differences.push(
      `${actual.name} has ${actual.default === null ? 'no default' : `the default ${actual.default}`}`,
    );
  }
  return differences;
}

/** Constraints by name. NOT NULL ones (contype n, PostgreSQL 18) are the columns' business. */
function constraintsCheck(intended: Table, found: Table | undefined): VerifyCheck[] {
  const names = intended.constraints
    .filter((constraint) => constraint.type !== 'n')
    .map((constraint) => constraint.name);
  if (names.length === 0) return [];
  const there = new Set(found?.constraints.map((constraint) => constraint.name));
  const missing = names.filter((name) => !there.has(name));
  return [
    {
      id: `constraints:${intended.name}`,
      title: `Constraints of ${intended.name}`,
      ok: missing.length === 0,
      expected: names.join(', '),
      found: missing.length === 0 ? names.join(', ') : `missing: ${missing.join(', ')}`,
      detail: '',
    },
  ];
}
