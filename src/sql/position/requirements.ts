/** What each effect needs to be so before it, and what is so after it. */
import { objectRequirements } from '../objects/facts.ts';
import { nameOfConstraint } from '../symbolic-table.ts';
import { constraintName, definedColumns } from '../symbolic-names.ts';
import { isHere } from '../symbolic.ts';
import type { Catalog, ColumnSpec, Effect } from '../types.ts';
import { coverage, NO_DEFAULT, type Fact, type FactKind } from './facts.ts';

export interface Requirements {
  before: Fact[];
  after: Fact[];
}

function fact(kind: FactKind, table: string, name: string, value: string): Fact {
  return { kind, table, name, value };
}

const tableIs = (table: string, value: 'present' | 'absent'): Fact => fact('table', table, '', value);
const columnIs = (table: string, name: string, value: 'present' | 'absent'): Fact =>
  fact('column', table, name, value);
const indexIs = (name: string, value: 'present' | 'absent'): Fact => fact('index', '', name, value);
const constraintIs = (table: string, name: string, value: 'present' | 'absent'): Fact =>
  fact('constraint', table, name, value);

/** The tables among `reads` that the catalog can answer for, without a schema of their own. */
export function localReads(reads: readonly string[], catalog: Catalog): string[] {
  const prefix = `${catalog.schema}.`;
  return reads
    .map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name))
    .filter((name) => name in (catalog.elsewhere ?? {}) || !name.includes('.'))
    .filter((name) => !name.startsWith('pg_') || name in catalog.tables);
}

function declared(table: string, column: ColumnSpec): Fact[] {
  return [
    columnIs(table, column.name, 'present'),
    ...(column.type === '' ? [] : [fact('type', table, column.name, column.type)]),
    fact('not-null', table, column.name, column.notNull ? 'yes' : 'no'),
  ];
}

/** A change to a column that is there before and after. */
function changes(table: string, column: string, kind: FactKind, value: string): Requirements {
  const there = [tableIs(table, 'present'), columnIs(table, column, 'present')];
  return { before: there, after: [...there, fact(kind, table, column, value)] };
}

function ofTable(effect: Effect, catalog: Catalog): Requirements | null {
  switch (effect.kind) {
    case 'create-table': {
      const { table, ifNotExists } = effect;
      if (ifNotExists) return { before: [], after: [tableIs(table, 'present')] };
      // The name that PostgreSQL chooses depends on what else is there.
      const constraints = (effect.constraints ?? []).flatMap(({ name, definition }): Fact[] =>
        name === null ? [] : [{ ...constraintIs(table, name, 'present'), over: definedColumns(definition) }],
      );
      if (effect.primaryKey.length > 0) {
        const key = constraintIs(
          table,
          constraintName(effect.bare ?? table, 'p', effect.primaryKey),
          'present',
        );
        constraints.push({ ...key, numbered: true, over: effect.primaryKey });
      }
      const columns = effect.columns.flatMap((column) => declared(table, column));
      return {
        before: [
          tableIs(table, 'absent'),
          ...localReads(effect.as?.reads ?? [], catalog).map((one) => tableIs(one, 'present')),
        ],
        after: [tableIs(table, 'present'), ...columns, ...constraints],
      };
    }
    case 'drop-table':
      return {
        before: effect.ifExists ? [] : [tableIs(effect.table, 'present')],
        after: [tableIs(effect.table, 'absent')],
      };
    case 'rename-table':
      return {
        before: [tableIs(effect.from, 'present'), tableIs(effect.to, 'absent')],
        after: [tableIs(effect.to, 'present'), tableIs(effect.from, 'absent')],
      };
    default:
      return null;
  }
}

function ofColumn(effect: Effect): Requirements | null {
  switch (effect.kind) {
    case 'add-column': {
      const { table, column, ifNotExists } = effect;
      const there = tableIs(table, 'present');
      if (ifNotExists) return { before: [there], after: [there, columnIs(table, column.name, 'present')] };
      return {
        before: [there, columnIs(table, column.name, 'absent')],
        after: [
          there,
          ...declared(table, column),
          { ...fact('default', table, column.name, column.default ?? NO_DEFAULT), nullIsNone: true },
        ],
      };
    }
    case 'drop-column': {
      const there = tableIs(effect.table, 'present');
      const before = effect.ifExists ? [there] : [there, columnIs(effect.table, effect.column, 'present')];
      return { before, after: [there, columnIs(effect.table, effect.column, 'absent')] };
    }
    case 'rename-column': {
      const { table, from, to } = effect;
      const there = tableIs(table, 'present');
      return {
        before: [there, columnIs(table, from, 'present'), columnIs(table, to, 'absent')],
        after: [there, columnIs(table, to, 'present'), columnIs(table, from, 'absent')],
      };
    }
    case 'set-not-null':
      return changes(effect.table, effect.column, 'not-null', 'yes');
    case 'drop-not-null':
      return changes(effect.table, effect.column, 'not-null', 'no');
    case 'set-default':
      return changes(effect.table, effect.column, 'default', effect.expression);
    case 'drop-default':
      return changes(effect.table, effect.column, 'default', NO_DEFAULT);
    case 'alter-type':
      return changes(effect.table, effect.column, 'type', effect.type);
    default:
      return null;
  }
}

function ofConstraint(effect: Effect): Requirements | null {
  switch (effect.kind) {
    case 'add-constraint': {
      const there = tableIs(effect.table, 'present');
      const is = (value: 'present' | 'absent'): Fact => ({
        ...constraintIs(effect.table, nameOfConstraint(effect), value),
        over: definedColumns(effect.definition),
        ...(effect.name === null ? { numbered: true } : {}),
      });
      const keys = effect.type === 'p' ? definedColumns(effect.definition) : [];
      return {
        before: [there, is('absent')],
        after: [there, is('present'), ...keys.map((key) => fact('not-null', effect.table, key, 'yes'))],
      };
    }
    case 'drop-constraint': {
      const there = tableIs(effect.table, 'present');
      const before = effect.ifExists ? [there] : [there, constraintIs(effect.table, effect.name, 'present')];
      return { before, after: [there, constraintIs(effect.table, effect.name, 'absent')] };
    }
    case 'validate-constraint': {
      const there = [tableIs(effect.table, 'present'), constraintIs(effect.table, effect.name, 'present')];
      return { before: there, after: [...there, fact('validated', effect.table, effect.name, 'yes')] };
    }
    case 'rename-constraint': {
      const { table, from, to } = effect;
      return {
        before: [
          tableIs(table, 'present'),
          constraintIs(table, from, 'present'),
          constraintIs(table, to, 'absent'),
        ],
        after: [
          tableIs(table, 'present'),
          constraintIs(table, to, 'present'),
          constraintIs(table, from, 'absent'),
        ],
      };
    }
    default:
      return null;
  }
}

function ofIndex(effect: Effect): Requirements | null {
  switch (effect.kind) {
    case 'create-index': {
      const { name, table, columns, ifNotExists } = effect;
      const plain = columns.filter((column) => column !== '');
      const there = [tableIs(table, 'present'), ...plain.map((column) => columnIs(table, column, 'present'))];
      if (ifNotExists) return { before: there, after: [...there, indexIs(name, 'present')] };
      const over = plain.length === columns.length ? [fact('index-over', '', name, coverage(effect))] : [];
      return {
        before: [...there, indexIs(name, 'absent')],
        after: [...there, indexIs(name, 'present'), fact('index-of', '', name, table), ...over],
      };
    }
    case 'drop-index':
      return {
        before: effect.ifExists ? [] : [indexIs(effect.name, 'present')],
        after: [indexIs(effect.name, 'absent')],
      };
    // There before it as well, valid or not.
    case 'reindex':
      return { before: [], after: [indexIs(effect.name, 'present')] };
    case 'rename-index':
      return {
        before: [indexIs(effect.from, 'present'), indexIs(effect.to, 'absent')],
        after: [indexIs(effect.to, 'present'), indexIs(effect.from, 'absent')],
      };
    default:
      return null;
  }
}

function ofRows(effect: Effect, catalog: Catalog): Requirements {
  if (effect.kind === 'object') return objectRequirements(effect, catalog.schema);
  if (effect.kind === 'select') {
    const there = localReads(effect.reads, catalog).map((table) => tableIs(table, 'present'));
    return { before: there, after: there };
  }
  if (effect.kind !== 'update' && effect.kind !== 'insert' && effect.kind !== 'delete')
    return { before: [], after: [] };
  const columns = effect.kind === 'delete' ? [] : effect.columns;
  const there = [
    tableIs(effect.table, 'present'),
    ...columns.map((column) => columnIs(effect.table, column, 'present')),
    ...localReads(effect.reads, catalog).map((table) => tableIs(table, 'present')),
  ];
  return { before: there, after: there };
}

/** Nothing is known about objects in a schema that the catalog does not show. */
export function requirementsOf(effect: Effect, catalog: Catalog): Requirements {
  if (!isHere(effect, catalog)) return { before: [], after: [] };
  return (
    ofTable(effect, catalog) ??
    ofColumn(effect) ??
    ofConstraint(effect) ??
    ofIndex(effect) ??
    ofRows(effect, catalog)
  );
}

/** True for IF EXISTS and IF NOT EXISTS. */
export function isConditional(effect: Effect): boolean {
  return ('ifExists' in effect && effect.ifExists) || ('ifNotExists' in effect && effect.ifNotExists);
}

const SETTING = [
  'set-not-null',
  'drop-not-null',
  'set-default',
  'drop-default',
  'alter-type',
  'validate-constraint',
  'reindex',
];

/** True when running the effect where it has taken place already is no error and changes nothing. */
export function isAssertion(effect: Effect): boolean {
  if (effect.kind === 'object' && effect.again) return true;
  return SETTING.includes(effect.kind) || isConditional(effect);
}
