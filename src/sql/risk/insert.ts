/** INSERT: more rows. */
import type { InsertStmt, Node, SelectStmt } from '@pgsql/types';
import { columnOf, joined, KEY, type ContentColumn, type Contents } from '../contents.ts';
import { NotFollowed, type Context } from './context.ts';
import { truthOf } from './facts.ts';
import { Guard, type KeyRef } from './guard.ts';
import { directTables, knownColumns } from './known.ts';
import { rewriteTables } from './rewrite.ts';
import { rowsFrom, type Rows } from './rows.ts';
import { innerSource, rowByRow } from './select.ts';
import { typesOf } from './sites.ts';
import { literal, name } from './text.ts';
import { defaultOf } from './update.ts';
import { hazardProbe, valueOf, type Assigned, type Setting } from './values.ts';

/** The columns that get a value, in the order of the values. */
function targets(insert: InsertStmt, contents: Contents): ContentColumn[] {
  if (!insert.cols) return contents.columns;
  return insert.cols.map((target) => {
    const column = columnOf(contents, 'ResTarget' in target ? (target.ResTarget.name ?? '') : '');
    if (!column) throw new NotFollowed('the whole statement', 'It names a column that is not there.');
    return column;
  });
}

/** Any other query, as a sub-query whose columns are the values. */
function wrapped(select: Node, columns: readonly ContentColumn[]): SelectStmt {
  const names = columns.map((_, at) => `backout_${at + 1}`);
  return {
    targetList: names.map((one): Node => ({
      ResTarget: { val: { ColumnRef: { fields: [{ String: { sval: one } }] } } },
    })),
    fromClause: [
      {
        RangeSubselect: {
          subquery: select,
          alias: { aliasname: 'backout_q', colnames: names.map((one): Node => ({ String: { sval: one } })) },
        },
      },
    ],
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  };
}

/** `*` and `t.*` as the columns they stand for. */
function expanded(select: SelectStmt, tables: ReadonlyMap<string, Contents>): Node[] {
  return (select.targetList ?? []).flatMap((target) => {
    const value = 'ResTarget' in target ? target.ResTarget.val : undefined;
    const fields = value && 'ColumnRef' in value ? (value.ColumnRef.fields ?? []) : [];
    if (!fields.some((field) => 'A_Star' in field)) return [target];
    const qualifier = fields.flatMap((field) => ('String' in field ? [field.String.sval ?? ''] : [])).at(-1);
    const chosen = [...tables].filter(([alias]) => qualifier === undefined || alias === qualifier);
    if (
      chosen.length === 0 ||
      (qualifier === undefined && tables.size !== (select.fromClause ?? []).length)
    ) {
      throw new NotFollowed('the whole statement', 'Which columns its * stands for is not known.');
    }
    return chosen.flatMap(([alias, contents]) =>
      contents.columns.map((column): Node => ({
        ResTarget: {
          val: { ColumnRef: { fields: [{ String: { sval: alias } }, { String: { sval: column.name } }] } },
        },
      })),
    );
  });
}

function valueNodes(list: readonly Node[]): Node[] {
  return list.flatMap((target) =>
    'ResTarget' in target && target.ResTarget.val ? [target.ResTarget.val] : [],
  );
}

function assigned(contents: Contents, columns: readonly ContentColumn[], nodes: readonly Node[]): Assigned[] {
  return contents.columns.map((column) => {
    const at = columns.indexOf(column);
    const node = at >= 0 ? nodes[at] : undefined;
    return { column, node: node && !('SetToDefault' in node) ? node : defaultOf(column) };
  });
}

export interface Inserted {
  /** For each table read: SQL of the keys of the rows that are taken. */
  used: { table: string; sql: string }[];
  /** It reaches no row at all. */
  nothing: boolean;
}

/** @throws {NotFollowed} @throws {DatabaseError} */
export async function assessInsert(context: Context, insert: InsertStmt): Promise<Inserted> {
  const { world, session, questions, findings } = context;
  const contents = world.find(insert.relation?.relname ?? '', insert.relation?.schemaname);
  if (!contents)
    throw new NotFollowed(
      'the whole statement',
      `There is no table ${insert.relation?.relname ?? ''} to look at.`,
    );
  if (insert.withClause)
    throw new NotFollowed('the whole statement', 'A WITH in front of an INSERT is not followed.');
  if (insert.onConflictClause)
    findings.unchecked('ON CONFLICT', 'Every row is taken to go in without a conflict.');
  const columns = targets(insert, contents);
  const query: Node = insert.selectStmt ?? {
    SelectStmt: { targetList: [], op: 'SETOP_NONE', limitOption: 'LIMIT_OPTION_DEFAULT' },
  };
  const { tree, read, tables } = rewriteTables(world, query);
  const lost = read.find((one) => one.lost !== null);
  if (lost)
    throw new NotFollowed('the whole statement', `What ${lost.name} holds is not known: ${lost.lost}.`);
  const plain = rowByRow(tree);
  if (!plain)
    findings.unchecked(
      'the expressions of a grouped, combined or VALUES query',
      'Only what comes out of it was looked at.',
    );
  const select = plain ?? wrapped(tree, columns);
  const items = select.fromClause ?? [];
  const direct = directTables(items, read);
  const known = knownColumns(direct);
  const nodes = valueNodes(expanded(select, direct));
  const values = assigned(contents, columns, nodes);
  if (truthOf(select.whereClause, known) === false) return { used: [], nothing: true };

  const scope = items.length === 0 ? '' : innerSource(items);
  const expressions = values.map((one) => one.node);
  const looked = [expressions, select.whereClause];
  const types = await typesOf(session, scope, { expressions, looked, items }, (sql) => world.query(sql));
  const guard = new Guard(types, world.version, tables);
  const list = items.length === 0 ? '' : guard.from(items);
  const itemHazards = guard.take();
  const key: KeyRef | undefined = guard.keys[0];
  const salt = literal(`${findings.place.step}/${findings.place.index}`);
  if (key) guard.madeId = `CAST(pg_catalog.md5(CAST(${key.sql} AS text) || ${salt}) AS pg_catalog.uuid)`;
  const about = findings.about(contents.name, key?.keyColumns ?? '');
  const where = select.whereClause ? guard.sql(select.whereClause) : null;
  const first = columns[0]?.name ?? '';
  const whereHazards = guard.take().map((hazard) => hazardProbe(hazard, first, about));
  const all = (condition: string | null): Rows => {
    const from = list === '' ? '(SELECT 1) AS backout_one' : list;
    return rowsFrom(from, condition, key?.sql ?? null, key?.keyColumns ?? '');
  };
  await questions.ask(all(null), whereHazards);
  const setting: Setting = {
    guard,
    types,
    known,
    version: world.version,
    findings: about,
    before: () => null,
    replaced: (column) => context.later(contents.name, column.name),
  };
  const looks = values.map((one) => {
    if (!one.column.automatic) return valueOf(one, setting);
    return {
      sql: `CAST(NULL AS ${one.column.type})`,
      fact: one.column.notNull ? ('filled' as const) : ('open' as const),
      probes: [],
      gaps: [],
    };
  });
  for (const gap of new Set([...guard.gaps, ...looks.flatMap((look) => look.gaps)]))
    findings.unchecked(gap, 'It was not looked at.');
  const rows = all(where);
  const probes = [
    ...itemHazards.map((hazard) => hazardProbe(hazard, first, about)),
    ...looks.flatMap((look) => look.probes),
  ];
  await questions.ask(rows, probes);

  // Rows from two tables may have the same key: the table's name tells them apart.
  const place = key
    ? `pg_catalog.jsonb_build_array(${literal(key.table)}) || ${key.sql}`
    : 'pg_catalog.jsonb_build_array(pg_catalog.row_number() OVER ())';
  const into = looks.map((look, at) => `${look.sql} AS ${name(contents.columns[at]?.name ?? '')}`);
  const keyColumns = key ? `source table, ${key.keyColumns}` : 'row';
  world.set(
    joined(
      world,
      contents,
      rows.select([`${place} AS ${KEY}`, ...into]),
      keyColumns,
      looks.map((look) => look.fact),
    ),
  );
  return {
    used: guard.keys.map((ref) => ({ table: ref.table, sql: rows.select([`${ref.sql} AS k`]) })),
    nothing: false,
  };
}
