/** Failures of the moment, of room and of single rows: nothing that SQL mends by itself, so what is known is said. */
import { JOURNAL } from '../../postgres/store/shape.ts';
import { quoteLiteral } from '../../sql/definition-sql.ts';
import { toLine } from '../../terminal/sanitize.ts';
import type { RepairContext } from '../find.ts';
import type { Repair } from '../types.ts';
import { name, table, textsOf } from './asking.ts';

type Say = (context: RepairContext) => Promise<void>;

const failed = ({ about }: RepairContext) => (about.kind === 'failure' ? about.error : null);

/** disk_full (53100): what of ours could be purged, and the largest tables. */
async function diskFull(context: RepairContext): Promise<void> {
  const there = await textsOf(
    context,
    `SELECT pg_catalog.to_regclass(${quoteLiteral(`${JOURNAL}.archived`)}) IS NOT NULL`,
  );
  const runs =
    there[0]?.[0] === 't'
      ? await textsOf(
          context,
          `SELECT a.run, pg_catalog.pg_size_pretty(pg_catalog.sum(pg_catalog.pg_total_relation_size(
                    pg_catalog.format('backout_archive.%I', a.archived)::pg_catalog.regclass)))
             FROM backout.archived a
            WHERE a.archived IS NOT NULL AND a.purged_at IS NULL
              AND pg_catalog.to_regclass(pg_catalog.format('backout_archive.%I', a.archived)) IS NOT NULL
            GROUP BY a.run ORDER BY pg_catalog.sum(pg_catalog.pg_total_relation_size(
                    pg_catalog.format('backout_archive.%I', a.archived)::pg_catalog.regclass)) DESC LIMIT 5`,
        )
      : [];
  const largest = await textsOf(
    context,
    `SELECT c.oid::pg_catalog.regclass::pg_catalog.text, pg_catalog.pg_size_pretty(pg_catalog.pg_total_relation_size(c.oid))
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      ORDER BY pg_catalog.pg_total_relation_size(c.oid) DESC LIMIT 5`,
  );
  context.note?.({
    title: 'The disk is full',
    lines: [
      'Everything of the step was rolled back. The space that it had taken comes back with VACUUM, which takes place by itself after a while.',
      runs.length === 0
        ? 'backout keeps nothing in this database that could be purged.'
        : `Archives of earlier runs take room: ${runs.map(([run, size]) => `"backout purge ${run}" frees ${size}`).join('; ')}. What is purged can never be undone.`,
      'The largest tables of this database:',
    ],
    table: { columns: ['table', 'size'], rows: largest.map((row) => row.map((cell) => toLine(cell))) },
  });
}

async function deadlock(context: RepairContext): Promise<void> {
  context.note?.({
    title: 'A deadlock',
    lines: [
      'Another transaction had a lock that the step needed, and waited for one that the step had. The server ended the step; everything of it was rolled back.',
      'Nothing has to be mended: try the step again once the other transaction is over.',
      ...(failed(context)?.detail ? [`The server says: ${failed(context)?.detail}`] : []),
    ],
  });
}

async function locked(context: RepairContext): Promise<void> {
  context.note?.({
    title: 'Somebody else holds a lock',
    lines: [
      'Nothing has to be mended: have that session end its transaction, then try the step again.',
      'backout waits for a lock only for moments at a time, so that nobody queues behind it.',
    ],
  });
}

/** unique_violation (23505): the rows that share the value, where the server names the constraint. */
async function notUnique(context: RepairContext): Promise<void> {
  const { constraint, table: of } = failed(context)?.about ?? {};
  const found = Object.values(context.catalog.tables).find(({ name: is }) => is === of);
  const index = found?.indexes.find(({ name: is }) => is === constraint);
  context.note?.({
    title: `Two rows would get the same value${constraint === undefined ? '' : ` in ${toLine(constraint)}`}`,
    lines: [
      ...(failed(context)?.detail ? [`The server says: ${failed(context)?.detail}`] : []),
      index
        ? `The index is: ${toLine(index.definition)}.`
        : 'The index does not exist yet: the step was about to make it.',
      'Which of the rows is right, nobody but their owner knows: change or remove the other, then try again.',
    ],
  });
}

/** not_null_violation (23502). */
async function nullValue(context: RepairContext): Promise<void> {
  const { column, table: of } = failed(context)?.about ?? {};
  const found = of === undefined ? undefined : context.catalog.tables[of];
  const there = column !== undefined && found?.columns.some(({ name: is }) => is === column);
  const [rows] =
    found && there && column !== undefined
      ? await textsOf(
          context,
          `SELECT pg_catalog.count(*) FROM ${table(context, found.name)} WHERE ${name(column)} IS NULL`,
        )
      : [];
  context.note?.({
    title: `A column that must have a value would be left without one${column === undefined ? '' : `: ${toLine(`${of ?? ''}.${column}`)}`}`,
    lines: [
      ...(rows ? [`${rows[0]} rows hold NULL there now.`] : []),
      ...(failed(context)?.detail ? [`The server says: ${failed(context)?.detail}`] : []),
      'What these rows should hold, nobody but their owner knows: give them a value, then try again.',
    ],
  });
}

const SAID: Readonly<Record<string, Say>> = {
  '53100': diskFull,
  '40P01': deadlock,
  '55P03': locked,
  '23505': notUnique,
  '23502': nullValue,
};

/** What prerequisites foretell the same. */
const FORETOLD: Readonly<Record<string, string>> = { disk: '53100', activity: '55P03' };

export async function whatIsKnown(context: RepairContext): Promise<Repair[]> {
  const { about } = context;
  const states =
    about.kind === 'failure'
      ? [about.error.sqlstate ?? '']
      : about.kind === 'prerequisites'
        ? about.failed.map(({ id }) => FORETOLD[id] ?? '')
        : [];
  for (const state of states) await SAID[state]?.(context);
  return [];
}
