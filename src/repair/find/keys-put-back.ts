/** Foreign keys that a repair dropped to clear the way: put back, or why that cannot be. */
import { allRuns, stepRows, type StepRow } from '../../postgres/store/runs.ts';
import { quoteLiteral } from '../../sql/definition-sql.ts';
import { parseOne } from '../../sql/parse.ts';
import { textsOf as texts } from '../../sql/parse-tree.ts';
import {
  referencingRenamedColumn,
  referencingRenamedTable,
  withRenamedColumn,
} from '../../sql/symbolic-text.ts';
import type { RepairContext } from '../find.ts';
import type { Repair } from '../types.ts';
import { countOf, name, names, rowsOf, table } from './asking.ts';

interface Dropped {
  run: string;
  table: string;
  constraint: string;
  /** As it would be written now: tables and columns were renamed since. */
  definition: string;
}

/** Foreign keys whose definition a repair's step kept because it dropped them. */
function droppedBy({ run, detail }: StepRow): Dropped[] {
  const kept = new Set(
    detail.archive.filter(({ kind }) => kind === 'definition').map(({ object }) => object),
  );
  return detail.before.flatMap((before) =>
    before.constraints
      .filter(({ type, name: constraint }) => type === 'f' && kept.has(constraint))
      .map(({ name: constraint, definition }) => ({ run, table: before.name, constraint, definition })),
  );
}

/** What a step renamed, in what was dropped before it. */
function renamedBy(key: Dropped, { detail }: StepRow): Dropped {
  let { table: own, definition } = key;
  for (const [from, to] of Object.entries(detail.renamed)) {
    definition = referencingRenamedTable(definition, from, to);
    if (own === from) own = to;
  }
  for (const [after, columns] of Object.entries(detail.renamedColumns)) {
    for (const [to, from] of Object.entries(columns)) {
      definition = referencingRenamedColumn(definition, after, from, to);
      if (own === after) definition = withRenamedColumn(definition, from, to);
    }
  }
  return { ...key, table: own, definition };
}

interface Ends {
  columns: string[];
  target: string;
  targetSchema: string | null;
  targetColumns: string[];
}

/** What a definition ties together, read off its tree. */
function endsOf({ table: own, constraint, definition }: Dropped): Ends | null {
  const tree = parseOne(`ALTER TABLE ${name(own)} ADD CONSTRAINT ${name(constraint)} ${definition}`);
  const [command] = 'AlterTableStmt' in tree ? (tree.AlterTableStmt.cmds ?? []) : [];
  const def = command && 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
  if (!def || !('Constraint' in def)) return null;
  const { fk_attrs, pk_attrs, pktable } = def.Constraint;
  return {
    columns: texts(fk_attrs),
    target: pktable?.relname ?? '',
    targetSchema: pktable?.schemaname ?? null,
    targetColumns: texts(pk_attrs),
  };
}

/** Why it cannot be put back, or null. */
function impossible({ catalog, schema }: RepairContext, key: Dropped, ends: Ends): string | null {
  const own = catalog.tables[key.table];
  if (!own) return `${key.table} is not there any more.`;
  const missing = ends.columns.filter((column) => !own.columns.some((one) => one.name === column));
  if (missing.length > 0) return `${key.table} has no column ${missing.join(', ')} any more.`;
  if (ends.targetSchema !== null && ends.targetSchema !== schema) return null;
  const target = catalog.tables[ends.target];
  if (!target) return `${ends.target}, which it pointed at, is not there any more.`;
  const gone = ends.targetColumns.filter((column) => !target.columns.some((one) => one.name === column));
  if (gone.length > 0)
    return `${ends.target} has no column ${gone.join(', ')} any more, at which it pointed.`;
  const unique = target.indexes.some(
    (index) =>
      index.unique &&
      index.valid &&
      [...index.columns].sort().join() === [...ends.targetColumns].sort().join(),
  );
  return unique ? null : `${ends.target} (${ends.targetColumns.join(', ')}) is not unique any more.`;
}

/** Rows that point at nothing (MATCH SIMPLE: a NULL in any column points nowhere). */
function violators(context: RepairContext, key: Dropped, ends: Ends): string {
  const filled = ends.columns.map((column) => `c.${name(column)} IS NOT NULL`).join(' AND ');
  const same = ends.columns
    .map((column, at) => `t.${name(ends.targetColumns[at] ?? '')}::text = c.${name(column)}::text`)
    .join(' AND ');
  const target = table({ schema: ends.targetSchema ?? context.schema }, ends.target);
  return `FROM ${table(context, key.table)} AS c WHERE ${filled} AND NOT EXISTS (SELECT 1 FROM ${target} AS t WHERE ${same})`;
}

async function judged(context: RepairContext, key: Dropped): Promise<Repair[]> {
  const title = `Foreign key ${key.constraint} of ${key.table}, dropped by repair ${key.run}`;
  const ends = endsOf(key);
  if (!ends) return [];
  const why = impossible(context, key, ends);
  if (why !== null) {
    context.note?.({
      title,
      lines: [`It cannot be put back: ${why}`, `It was defined as: ${key.definition}.`],
    });
    return [];
  }
  const rows = await countOf(context, `SELECT pg_catalog.count(*) ${violators(context, key, ends)}`);
  const check = {
    title: `${key.constraint} is back`,
    sql: `SELECT count(*) FROM pg_constraint WHERE conname = ${quoteLiteral(key.constraint)} AND conrelid = ${quoteLiteral(name(key.table))}::regclass`,
    expect: '1',
  };
  const add = `ALTER TABLE ${name(key.table)} ADD CONSTRAINT ${name(key.constraint)} ${key.definition}`;
  if (rows === 0) {
    return [
      {
        id: `key:${key.table}.${key.constraint}`,
        title: `Put the foreign key ${key.constraint} of ${key.table} back`,
        found: `Repair ${key.run} dropped it to clear the way. Every row of ${key.table} has the row that it points at.`,
        careful: [`${key.table} and ${ends.target} take no writes while all rows are checked.`],
        sql: `${add};`,
        checks: [check],
        recommended: true,
      },
    ];
  }
  context.note?.({
    title,
    lines: [
      `It cannot be put back as it was: ${rowsOf(rows)} of ${key.table} (${names(ends.columns)}) point at nothing in ${ends.target}.`,
      'Give them rows to point at, or decide about them, then look again. Without checking the rows that are there it can be put back now.',
    ],
  });
  return [
    {
      id: `key-not-valid:${key.table}.${key.constraint}`,
      title: `Put the foreign key ${key.constraint} of ${key.table} back, for new rows only`,
      found: `Repair ${key.run} dropped it to clear the way. ${rowsOf(rows)} of ${key.table} would violate it.`,
      careful: [
        'NOT VALID: rows that are there are not checked, new ones are. Changing one of them in these columns fails.',
      ],
      sql: `${add}${/NOT VALID$/.test(add) ? '' : ' NOT VALID'};`,
      checks: [check],
      recommended: false,
    },
  ];
}

/** What repairs dropped and nobody has put back since, under the names that everything has now. */
export async function keysNotPutBack(context: RepairContext): Promise<Repair[]> {
  const { session, schema, catalog } = context;
  const runs = (await allRuns(session)).filter((run) => run.schema === schema && run.kind !== 'undo');
  let dropped: Dropped[] = [];
  for (const run of runs) {
    for (const step of await stepRows(session, run.run)) {
      if (step.undoneBy !== null) continue;
      dropped = dropped.map((key) => renamedBy(key, step));
      if (run.kind === 'repair') dropped.push(...droppedBy(step));
    }
  }
  const open = dropped.filter(
    (key) => !catalog.tables[key.table]?.constraints.some(({ name: is }) => is === key.constraint),
  );
  const found: Repair[] = [];
  for (const key of open) found.push(...(await judged(context, key)));
  return found;
}
