/** The parts of a statement that does several things to rows: a MERGE, or a WITH that writes. */
import type { Node, ResTarget } from '@pgsql/types';
import { onlyComputes } from '../effects-functions.ts';
import { cteNames, functionsIn, tablesIn, walk } from '../parse-tree.ts';
import type { Effect, Statement } from '../types.ts';
import { grouped, whenAlone, whensOf } from './merge.ts';
import type { RowPart } from './types.ts';
import { hasWritingWith, writtenOut, type Writing } from './with.ts';

export type { RowPart } from './types.ts';

function targets(nodes: readonly Node[] | undefined): string[] {
  const list = (nodes ?? []).flatMap((node): ResTarget[] => ('ResTarget' in node ? [node.ResTarget] : []));
  return [...new Set(list.map(({ name = '' }) => name))];
}

function effectsOfPart(written: Writing, reads: string[]): Effect[] {
  const one =
    'UpdateStmt' in written
      ? written.UpdateStmt
      : 'InsertStmt' in written
        ? written.InsertStmt
        : written.DeleteStmt;
  const { relname: table = '', schemaname: schema } = one.relation ?? {};
  const place = schema === undefined ? { table } : { table, schema };
  if ('DeleteStmt' in written) return [{ kind: 'delete', ...place, reads }];
  if ('UpdateStmt' in written)
    return [{ kind: 'update', ...place, columns: targets(written.UpdateStmt.targetList), reads }];
  const { cols, onConflictClause } = written.InsertStmt;
  const added: Effect = { kind: 'insert', ...place, columns: targets(cols), reads };
  const set = targets(onConflictClause?.targetList);
  return set.length === 0 ? [added] : [added, { kind: 'update', ...place, columns: set, reads: [] }];
}

function mergeParts(tree: Extract<Node, { MergeStmt: unknown }>): RowPart[] | string {
  const merge = tree.MergeStmt;
  const reads = tablesIn({ ...merge, relation: undefined }, cteNames(tree));
  const parts: RowPart[] = [];
  if (whensOf(merge).some(({ matchKind }) => matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE'))
    return 'WHEN NOT MATCHED BY SOURCE is not covered';
  if (hasWritingWith(tree)) return 'a part of its WITH writes';
  for (const group of grouped(merge)) {
    const [when] = group;
    const alone = whenAlone(merge, group);
    const place = { relation: merge.relation ?? {} };
    const written: Writing =
      when.commandType === 'CMD_DELETE'
        ? { DeleteStmt: place }
        : when.commandType === 'CMD_UPDATE'
          ? { UpdateStmt: { ...place, targetList: when.targetList ?? [] } }
          : { InsertStmt: { ...place, ...(when.targetList ? { cols: when.targetList } : {}) } };
    parts.push({ tree: alone, effects: effectsOfPart(written, reads), linked: false });
  }
  return parts;
}

function withParts(tree: Node): RowPart[] | string {
  const written = writtenOut(tree);
  if (typeof written === 'string') return written;
  const reads = tablesIn(tree, cteNames(tree));
  return written.map((one) => ({
    tree: one.tree,
    effects: effectsOfPart(one.written, reads),
    linked: one.linked,
  }));
}

/** Null for a statement that does one thing; a text: why it is not followed. Pure. */
function partsIn(tree: Node): RowPart[] | string | null {
  if ('MergeStmt' in tree) return mergeParts(tree);
  return hasWritingWith(tree) ? withParts(tree) : null;
}

/** Null for a statement that does one thing to rows, or none, and for one that is not followed. Pure. */
export function rowParts({ tree }: Pick<Statement, 'tree'>): RowPart[] | null {
  const parts = partsIn(tree);
  return typeof parts === 'string' ? null : parts;
}

/** Whether it does several things to rows, followed or not: its tree is no plain UPDATE, INSERT or DELETE then. */
export const isComposed = ({ tree }: Pick<Statement, 'tree'>): boolean =>
  'MergeStmt' in tree || hasWritingWith(tree);

/** Of two changes to the same row only one takes place, and which is not said (manual, queries-with). */
function changedTwice(parts: readonly RowPart[]): string | null {
  const changed = parts.flatMap(({ effects }) =>
    effects.flatMap((effect) =>
      effect.kind === 'update' || effect.kind === 'delete' ? [`${effect.schema ?? ''}.${effect.table}`] : [],
    ),
  );
  const twice = changed.find((table, at) => changed.indexOf(table) !== at);
  return twice === undefined ? null : twice.replace(/^\./, '');
}

/** Null for a statement that does one thing. */
export function composedEffects(tree: Node): Effect[] | null {
  const parts = partsIn(tree);
  if (parts === null) return null;
  const command = 'MergeStmt' in tree ? 'MERGE' : 'WITH';
  const not = (why: string): Effect[] => [{ kind: 'not-understood', what: `${command}: ${why}` }];
  if (typeof parts === 'string') return not(parts);
  const unknown = functionsIn(tree).find((name) => !onlyComputes(name));
  if (unknown !== undefined) return not(`it calls ${unknown}(), which may do more than compute a value`);
  let into = false;
  walk(tree, (kind) => {
    if (kind === 'intoClause' || kind === 'IntoClause') into = true;
  });
  if (into) return not('it makes a table of what it returns');
  const twice = 'MergeStmt' in tree ? null : changedTwice(parts);
  if (twice !== null)
    return not(`two of its parts change rows of ${twice}, and which of them counts is not said`);
  const blind = parts.find(
    ({ tree: own, effects }) => own === null && effects.some(({ kind }) => kind === 'delete'),
  );
  if (blind)
    return not(
      'which rows it deletes hangs on rows that it writes itself, so that they cannot be kept before',
    );
  if (parts.length === 0) return [{ kind: 'select', reads: tablesIn(tree) }];
  return parts.flatMap(({ effects }) => effects);
}
