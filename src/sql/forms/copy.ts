/**
 * The form copy-and-swap: the table as the step leaves it is built in the archive's schema from the current one, under
 * the names it will have, while readers go on with the current one and writers wait. Then, under a lock of
 * milliseconds, the current table goes into the archive whole and the new one takes its place. In the archive's schema
 * no name is anybody else's, so that indexes and constraints need no second name.
 */
import { keyOf } from '../archive/columns.ts';
import { ARCHIVE_SCHEMA, draft, type Draft } from '../archive/draft.ts';
import { moveTable } from '../archive/move.ts';
import { archiveName } from '../archive/names.ts';
import {
  attributesSql,
  constraintsSql,
  createTableSql,
  indexesSql,
  moveStatisticsSql,
  quoteQualified,
  type Named,
  type Worded,
} from '../definition-sql.ts';
import type { ArchiveEntry } from '../procedure/types.ts';
import { name } from '../risk/text.ts';
import type { Effect } from '../types.ts';
import { filledDrafts } from './filled.ts';
import type { Mapping } from './mapping.ts';
import { selectSql } from './render.ts';

export interface CopyRequest {
  mapping: Mapping;
  run: string;
  step: string;
  /** Of the archive entry of the table itself. */
  seq: number;
  /** Roles that default privileges give rights to, see {@link attributesSql}. */
  defaultGrantees: readonly string[];
  /** Whether the server has more than one process, see {@link filledDrafts}. */
  parallel: boolean;
}

export interface CopyParts {
  /** The table itself, in the archive. */
  entry: ArchiveEntry;
  /** Under the lock that lets readers go on. */
  build: Draft[];
  /** Under ACCESS EXCLUSIVE: the catalog alone is written. */
  swap: Draft[];
}

/** Indexes of the statements that have an effect for which this holds. */
function carrying({ statements }: Mapping, holds: (effect: Effect) => boolean): number[] {
  return statements.filter(({ effects }) => effects.some(holds)).map(({ index }) => index);
}

const COLUMNS: readonly Effect['kind'][] = [
  'add-column',
  'alter-type',
  'drop-column',
  'drop-default',
  'drop-not-null',
  'rename-column',
  'set-default',
  'set-not-null',
];
const NAMES: readonly Effect['kind'][] = [
  'drop-constraint',
  'drop-index',
  'rename-constraint',
  'rename-index',
  'rename-table',
];

const instead = ({ sql, words }: Worded, carries: number[] = []): Draft =>
  draft('instead', sql, words, { carries });

function insertSql(mapping: Mapping, target: string): string {
  const stored = mapping.columns.filter(({ generated }) => !generated);
  const { schema, name: table } = mapping.before;
  const select = selectSql(mapping, `${name(schema)}.${name(table)}`);
  return `INSERT INTO ${target} (${stored.map((column) => name(column.name)).join(', ')})\n${select}`;
}

const WRITTEN: readonly Effect['kind'][] = ['update', 'alter-type'];

/** Where one statement cannot make the table as it has to be, with its rows. */
function createdAndFilled(mapping: Mapping, target: Named, early: readonly Worded[]): Draft[] {
  const { before, after } = mapping;
  return [
    draft(
      'instead',
      createTableSql(after, target),
      `Makes the table as the step leaves it, empty, beside ${before.name}.`,
      { carries: carrying(mapping, ({ kind }) => COLUMNS.includes(kind)) },
    ),
    ...early.map((one) => instead(one)),
    draft(
      'instead',
      insertSql(mapping, quoteQualified(target)),
      `Copies every row of ${before.name} into it, with the values the step gives.`,
      { carries: carrying(mapping, ({ kind }) => WRITTEN.includes(kind)) },
    ),
  ];
}

/** @throws {DoesNotFit} when an expression cannot be rendered faithfully */
export function copyParts(request: CopyRequest): CopyParts {
  const { mapping, run, step, seq, defaultGrantees, parallel } = request;
  const { before, after } = mapping;
  const target = { schema: ARCHIVE_SCHEMA, name: after.name };
  const quoted = `${name(ARCHIVE_SCHEMA)}.${name(after.name)}`;
  const attributes = attributesSql(after, target, defaultGrantees);
  const made = (wanted: string): number[] =>
    carrying(mapping, (effect) => effect.kind === 'create-index' && effect.name === wanted);
  const archived = archiveName(run, step, seq, before.name);
  const constraints = constraintsSql(after, target).map((one) => instead(one));
  const adding = carrying(mapping, ({ kind }) => kind === 'add-constraint');
  const carries = carrying(mapping, ({ kind }) => COLUMNS.includes(kind) || WRITTEN.includes(kind));
  const filled = filledDrafts({ mapping, target, carries, parallel });
  const build = [
    ...(filled ??
      createdAndFilled(
        mapping,
        target,
        attributes.filter(({ early }) => early),
      )),
    ...constraints.map((one, at) => (at === constraints.length - 1 ? { ...one, carries: adding } : one)),
    ...indexesNamed(mapping).map(({ worded, index }) => instead(worded, made(index))),
    ...attributes.filter(({ early }) => !early).map((one) => instead(one)),
  ];
  const swap = [
    ...moveTable(before, archived),
    draft(
      'instead',
      `ALTER TABLE ${quoted} SET SCHEMA ${name(before.schema)}`,
      `Puts ${after.name} in its place.`,
      {
        carries: carrying(mapping, ({ kind }) => NAMES.includes(kind)),
      },
    ),
    ...moveStatisticsSql(after, ARCHIVE_SCHEMA, before.schema).map((one) => instead(one)),
  ];
  const entry: ArchiveEntry = {
    seq,
    kind: 'table',
    object: before.name,
    archived,
    key: keyOf(before),
    columns: before.columns.map((column) => column.name),
    words: `Table ${before.name}, whole, as it was before the step.`,
  };
  return { entry, build, swap };
}

function indexesNamed({ after }: Mapping): { worded: Worded; index: string }[] {
  const target = { schema: ARCHIVE_SCHEMA, name: after.name };
  const free = after.indexes.filter(({ constraint }) => constraint === null);
  return indexesSql(after, target).map((worded, at) => ({ worded, index: free[at]?.name ?? '' }));
}
