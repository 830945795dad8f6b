/** ADD CONSTRAINT … EXCLUDE: its definition as text, and the columns it is about read off that text. */
import { parseSync } from 'libpg-query';
import type { Constraint, Node } from '@pgsql/types';
import { renderStatement } from './parse-render.ts';
import { columnsIn } from './parse-tree.ts';

function adding(constraint: Constraint): Node {
  const command: Node = {
    AlterTableCmd: {
      subtype: 'AT_AddConstraint',
      def: { Constraint: constraint },
      behavior: 'DROP_RESTRICT',
    },
  };
  const relation = { relname: 't', inh: true, relpersistence: 'p' };
  return { AlterTableStmt: { relation, cmds: [command], objtype: 'OBJECT_TABLE' } };
}

/** Null where it cannot be written so that it means the same. */
export function exclusionText(constraint: Constraint): string | null {
  const rest = { ...constraint };
  delete rest.conname;
  try {
    const text = renderStatement(adding(rest)).replace(/\s+/g, ' ');
    return /^ALTER TABLE t ADD (?:CONSTRAINT )?(EXCLUDE .*)$/.exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** The key columns in order, `expr` for an expression as the server names them, and behind them what else it reads. */
export function excludedColumns(definition: string): string[] {
  try {
    const tree = parseSync(`ALTER TABLE t ADD ${definition}`).stmts?.[0]?.stmt;
    const [command] = tree && 'AlterTableStmt' in tree ? (tree.AlterTableStmt.cmds ?? []) : [];
    const def = command && 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
    if (!def || !('Constraint' in def)) return [];
    const keys = (def.Constraint.exclusions ?? []).flatMap((pair) => {
      const [element] = 'List' in pair ? (pair.List.items ?? []) : [];
      return element && 'IndexElem' in element ? [element.IndexElem.name ?? 'expr'] : [];
    });
    const read = columnsIn(def).map((parts) => parts.at(-1) ?? '');
    return [...keys, ...read.filter((column) => !keys.includes(column))];
  } catch {
    return [];
  }
}

/** The server makes a name out of the key columns alone. */
export const namesItself = (definition: string): boolean =>
  !/ WHERE \(| INCLUDE \(/.test(definition) && !excludedColumns(definition).includes('expr');
