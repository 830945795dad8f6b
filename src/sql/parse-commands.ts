/** The name of a statement's command, as an operator would say it. */
import type { Node } from '@pgsql/types';

/** Node kinds whose command is not simply the words of the kind's name. */
const NAMES: Readonly<Record<string, string>> = {
  AlterTableStmt: 'ALTER TABLE',
  CopyStmt: 'COPY',
  CreateFunctionStmt: 'CREATE FUNCTION',
  CreateStmt: 'CREATE TABLE',
  CreateTableAsStmt: 'CREATE TABLE AS',
  CreateTrigStmt: 'CREATE TRIGGER',
  DeleteStmt: 'DELETE',
  IndexStmt: 'CREATE INDEX',
  InsertStmt: 'INSERT',
  MergeStmt: 'MERGE',
  SelectStmt: 'SELECT',
  TransactionStmt: 'TRANSACTION',
  UpdateStmt: 'UPDATE',
  VariableSetStmt: 'SET',
  ViewStmt: 'CREATE VIEW',
};

function objectWords(type: string | undefined): string {
  return (type ?? '').replace(/^OBJECT_/, '').replaceAll('_', ' ');
}

/** `{ CreateStmt: … }` is of kind `CreateStmt`. */
export function kindOf(tree: Node): string {
  return Object.keys(tree)[0] ?? '';
}

/** The upper-case command of a statement, e.g. `ALTER TABLE`, `DROP INDEX`, `DO`. */
export function commandOf(tree: Node): string {
  if ('DropStmt' in tree) return `DROP ${objectWords(tree.DropStmt.removeType)}`;
  if ('RenameStmt' in tree) {
    const type = tree.RenameStmt.renameType;
    const onTable = type === 'OBJECT_COLUMN' || type === 'OBJECT_TABCONSTRAINT';
    return onTable ? 'ALTER TABLE' : `ALTER ${objectWords(type)}`;
  }
  if ('TransactionStmt' in tree) return objectWords(tree.TransactionStmt.kind?.replace('TRANS_STMT_', ''));
  if ('AlterTableStmt' in tree) return `ALTER ${objectWords(tree.AlterTableStmt.objtype) || 'TABLE'}`;
  const kind = kindOf(tree);
  return (
    NAMES[kind] ??
    kind
      .replace(/Stmt$/, '')
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toUpperCase()
  );
}
