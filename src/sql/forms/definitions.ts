/** Which columns the definitions of indexes, constraints and statistics name, and these definitions under other names. */
import type { Constraint, Node } from '@pgsql/types';
import type { ConstraintDefinition, IndexDefinition, NamedDefinition } from '../definition.ts';
import { parseOne } from '../parse.ts';
import { renderStatement } from '../parse-render.ts';
import { textsOf } from '../parse-tree.ts';
import { columnName, replaced } from './nodes.ts';
import { rendered } from './unfit.ts';

/** A constraint's definition as a statement that can be parsed. */
const asStatement = (definition: string): string => `ALTER TABLE t ADD CONSTRAINT c ${definition}`;

/** Fields of a tree that list columns by their bare names. */
const LISTS = ['keys', 'including', 'fk_attrs'];

/** A tree with one column under another name, wherever it is named. */
function withName(tree: Node, from: string, to: string): { tree: Node; found: boolean } {
  let found = false;
  const rename = (name: string): string => {
    if (name !== from) return name;
    found = true;
    return to;
  };
  const changed = replaced(tree, (node) => {
    if ('ColumnRef' in node && columnName(node) === from) {
      found = true;
      return { ColumnRef: { fields: [{ String: { sval: to } }] } };
    }
    if ('IndexElem' in node && node.IndexElem.name !== undefined)
      return { IndexElem: { ...node.IndexElem, name: rename(node.IndexElem.name) } };
    if ('StatsElem' in node && node.StatsElem.name !== undefined)
      return { StatsElem: { ...node.StatsElem, name: rename(node.StatsElem.name) } };
    if (!('Constraint' in node)) return null;
    const constraint: Record<string, unknown> = { ...node.Constraint };
    for (const key of LISTS) {
      const list = constraint[key];
      if (Array.isArray(list))
        constraint[key] = textsOf(list as Node[]).map((name) => ({ String: { sval: rename(name) } }));
    }
    if (node.Constraint.raw_expr) {
      const inner = withName(node.Constraint.raw_expr, from, to);
      found ||= inner.found;
      constraint['raw_expr'] = inner.tree;
    }
    return { Constraint: constraint } as Node;
  });
  return { tree: changed, found };
}

/** A constraint of a parse tree as pg_get_constraintdef's kind of text. */
export function constraintDefinition(constraint: Constraint): string {
  const command: Node = {
    AlterTableCmd: {
      subtype: 'AT_AddConstraint',
      def: { Constraint: { ...constraint, conname: 'c' } },
      behavior: 'DROP_RESTRICT',
    },
  };
  const relation = { relname: 't', inh: true, relpersistence: 'p' };
  const tree: Node = { AlterTableStmt: { relation, cmds: [command], objtype: 'OBJECT_TABLE' } };
  return withoutStatement(rendered(() => renderStatement(tree), 'A constraint'));
}

function withoutStatement(sql: string): string {
  return sql.replace(/^ALTER TABLE t\s+ADD CONSTRAINT c\s+/, '');
}

function names(sql: string, column: string): boolean {
  return withName(parseOne(sql), column, column).found;
}

function renamed(sql: string, from: string, to: string, what: string): string {
  return rendered(() => renderStatement(withName(parseOne(sql), from, to).tree), what);
}

export function indexUses(index: IndexDefinition, column: string): boolean {
  return index.columns.includes(column) || names(index.definition, column);
}

export function inIndex(index: IndexDefinition, from: string, to: string): string {
  return renamed(index.definition, from, to, `The index ${index.name}`);
}

export function constraintUses(constraint: ConstraintDefinition, column: string): boolean {
  if (constraint.columns.includes(column)) return true;
  return ['c', 'x', 'p', 'u'].includes(constraint.type) && names(asStatement(constraint.definition), column);
}

export function inConstraint(constraint: ConstraintDefinition, from: string, to: string): string {
  if (constraint.type === 'n') return constraint.definition;
  const sql = renamed(asStatement(constraint.definition), from, to, `The constraint ${constraint.name}`);
  return withoutStatement(sql);
}

export function statisticsUse(statistics: NamedDefinition, column: string): boolean {
  return names(statistics.definition, column);
}

export function inStatistics(statistics: NamedDefinition, from: string, to: string): string {
  return renamed(statistics.definition, from, to, `The statistics ${statistics.name}`);
}
