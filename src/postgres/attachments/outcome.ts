/** What the plan does to an attachment when it runs in place (measured on PostgreSQL 15; see the tests). */
import { isDropped, type Touched } from '../touched.ts';
import type { Attachment } from '../types.ts';

/** One row of the catalog query. Texts are raw. */
export interface Found {
  kind: string;
  name: string;
  detail: string;
  /** Columns of the table that it rests on. */
  columns: string[];
  /** The other table's oid. */
  other: number | null;
  /** Text that may name tables and columns: a function's body; of a replica identity the index; of a foreign key its columns, as JSON. */
  source: string | null;
}

export type Verdict = Pick<Attachment, 'outcome' | 'words' | 'undone'> | null;

type Judge = (found: Found, table: Touched, all: readonly Touched[]) => Verdict;

const follows = (words: string): Verdict => ({ outcome: 'follows', words });
const breaks = (words: string): Verdict => ({ outcome: 'breaks', words });
const lost = (words: string): Verdict => ({ outcome: 'lost', words });
/** Part of the definition that a step keeps of its tables (src/sql/definition.ts): proved in test/sql-undo. */
const kept = (words: string): Verdict => ({ outcome: 'lost', words, undone: true });

const hit = (found: Found, columns: Iterable<string>): string[] =>
  [...columns].filter((column) => found.columns.includes(column));

/** Goes with the table as the plan says it will; nothing beside the table's own. */
const WITH_THE_TABLE: Verdict = null;

/** Objects that the server protects: dropping what they need is refused, unless the statement says CASCADE. */
function guarded(found: Found, table: Touched, all: readonly Touched[], retypeBreaks: boolean): Verdict {
  if (isDropped(table)) {
    if (goesBefore(found, table, all)) return WITH_THE_TABLE;
    if (table.cascade) return lost('The plan drops the table with CASCADE, which drops this without a word.');
    return breaks('The plan drops the table, which the server refuses as long as this depends on it.');
  }
  const dropped = hit(found, table.droppedColumns);
  if (dropped.length > 0) {
    return breaks(`It needs ${list(dropped)}, which the plan drops: the server refuses that.`);
  }
  const retyped = retypeBreaks ? hit(found, table.retypedColumns) : [];
  if (retyped.length > 0) {
    return breaks(`It needs ${list(retyped)}, whose type the plan changes: the server refuses that.`);
  }
  return follows('It is bound to the table itself, not to its name, and stays right.');
}

/** The other table is dropped by an earlier statement of the plan, and this with it; or by the same: they go together. */
function goesBefore(found: Found, table: Touched, all: readonly Touched[]): boolean {
  const other = all.find(({ oid }) => oid === found.other);
  if (other && other.oid !== table.oid && isDropped(other) && other.droppedAt === table.droppedAt)
    return true;
  return (other?.droppedAt ?? Infinity) < (table.droppedAt ?? 0);
}

/** The key itself, or a column that it is on, is dropped by an earlier statement than what it points at. */
function keyGoesBefore(found: Found, table: Touched, all: readonly Touched[]): boolean {
  const other = all.find(({ oid }) => oid === found.other);
  if (!other) return false;
  const own = JSON.parse(found.source ?? '[]') as string[];
  const places = [other.constraintGoneAt.get(found.name), ...own.map((one) => other.columnGoneAt.get(one))];
  const gone = Math.min(...places.flatMap((place) => place ?? []));
  const needed = hit(found, table.droppedColumns).map((column) => table.columnGoneAt.get(column) ?? 0);
  return gone < Math.min(table.droppedAt ?? Infinity, table.truncatedAt ?? Infinity, ...needed);
}

/** TRUNCATE empties, or is refused for, every table whose key points at the one it names (manual, sql-truncate). */
function truncated(found: Found, table: Touched, all: readonly Touched[]): Verdict {
  const other = all.find(({ oid }) => oid === found.other);
  if (table.truncatedAt === null || (other && other.truncatedAt !== null)) return null;
  return breaks(
    'The plan truncates the table: the server refuses that, or with CASCADE empties the other table too, whose rows are not kept. Truncate it by name.',
  );
}

const keyToTheTable: Judge = (found, table, all) => {
  if (keyGoesBefore(found, table, all)) return WITH_THE_TABLE;
  return truncated(found, table, all) ?? guarded(found, table, all, false);
};

/** What goes with a table or a column without being asked about. */
function silent(found: Found, table: Touched, stays: string, goes = kept): Verdict {
  if (isDropped(table)) return goes('It goes with the table that the plan drops.');
  const dropped = hit(found, table.droppedColumns);
  if (dropped.length > 0) return goes(`It goes with ${list(dropped)} without a word.`);
  return follows(stays);
}

/** The table's own constraints and indexes: with the table they go as the plan says. */
function own(found: Found, table: Touched, dropped: ReadonlySet<string>): Verdict {
  if (isDropped(table)) return WITH_THE_TABLE;
  if (dropped.has(found.name)) {
    if (!table.addedConstraints.has(found.name)) return WITH_THE_TABLE;
    return { outcome: 'restored', words: 'The plan drops it and puts it back.' };
  }
  return silent(found, table, 'It stays on the table.');
}

const stays =
  (words: string): Judge =>
  (_found, table) =>
    isDropped(table) ? WITH_THE_TABLE : follows(words);

/** Bound to the table's name: another server, or code that is only text. */
function byName(table: Touched, words: string): Verdict {
  if (isDropped(table)) return lost(`The plan drops the table. ${words}`);
  if (table.renamedTo) return lost(`The plan renames the table. ${words}`);
  return follows('The table keeps its name.');
}

/** Code that is only text fails the next time it runs, when what it names is gone. */
function text(found: Found, names: string[]): Verdict {
  const gone = names.filter((name) => mentions(found.source ?? '', name));
  if (gone.length === 0) return null;
  return lost(`Its text names ${list(gone)}, which will not be there: it fails the next time it runs.`);
}

function mentions(source: string, name: string): boolean {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'iu').test(source);
}

function goneNames(table: Touched): string[] {
  const name = isDropped(table) || table.renamedTo ? [table.table] : [];
  return [...name, ...table.droppedColumns, ...table.renamedColumns.keys()];
}

const trigger: Judge = (found, table) => {
  if (isDropped(table)) return kept('It goes with the table that the plan drops.');
  const dropped = hit(found, table.droppedColumns);
  if (dropped.length > 0)
    return breaks(`It names ${list(dropped)}, which the plan drops: the server refuses that.`);
  return text(found, goneNames(table)) ?? follows('It stays on the table.');
};

const policy: Judge = (found, table) => {
  if (isDropped(table)) return kept('It goes with the table that the plan drops.');
  const dropped = hit(found, [...table.droppedColumns, ...table.retypedColumns]);
  if (dropped.length > 0)
    return breaks(`It needs ${list(dropped)}, which the plan drops or changes: the server refuses that.`);
  return follows('It stays on the table.');
};

const generated: Judge = (found, table) => {
  if (isDropped(table) || table.droppedColumns.has(found.name)) return WITH_THE_TABLE;
  const dropped = hit(found, [...table.droppedColumns, ...table.retypedColumns]);
  if (dropped.length > 0)
    return breaks(
      `It is computed from ${list(dropped)}, which the plan drops or changes: the server refuses that.`,
    );
  return follows('It stays on the table.');
};

const publicationPart: Judge = (found, table) => {
  if (isDropped(table)) return WITH_THE_TABLE;
  const dropped = hit(found, table.droppedColumns);
  if (dropped.length > 0)
    return breaks(`It names ${list(dropped)}, which the plan drops: the server refuses that.`);
  return follows('It stays with the publication.');
};

const replicaIdentity: Judge = (found, table) => {
  if (isDropped(table)) return WITH_THE_TABLE;
  const gone = found.source !== null && table.droppedIndexes.has(found.source);
  if (gone || hit(found, table.droppedColumns).length > 0) {
    return kept(
      'Its index goes, the flag stays: published UPDATE and DELETE on the table fail from then on.',
    );
  }
  return follows('It stays on the table.');
};

const rowType: Judge = (_found, table) => {
  if (isDropped(table))
    return breaks('The plan drops the table, which the server refuses as long as its row type is in use.');
  if (table.retypedColumns.size > 0)
    return breaks(
      'The plan changes the type of a column, which the server refuses as long as the row type is in use.',
    );
  return follows('It changes with the table.');
};

/** The plan changes it in the parent, which changes it here as well. */
function changesAlong(column: string, table: Touched, above: Touched | undefined): boolean {
  if (!above) return false;
  if (table.droppedColumns.has(column)) return above.droppedColumns.has(column);
  if (table.retypedColumns.has(column) && !above.retypedColumns.has(column)) return false;
  return table.renamedColumns.get(column) === above.renamedColumns.get(column);
}

const parent: Judge = (found, table, all) => {
  if (isDropped(table)) return WITH_THE_TABLE;
  const above = all.find(({ oid }) => oid === found.other);
  const inherited = hit(found, [
    ...table.droppedColumns,
    ...table.renamedColumns.keys(),
    ...table.retypedColumns,
  ]).filter((column) => !changesAlong(column, table, above));
  if (above?.leftAt.has(table.table)) return follows('The plan takes it out of its parent.');
  if (inherited.length > 0)
    return breaks(`It inherits ${list(inherited)}, which the plan changes here: the server refuses that.`);
  return follows('It stays a child of its parent.');
};

const child: Judge = (found, table, all) => {
  const other = all.find(({ oid }) => oid === found.other);
  const gone = Math.min(other?.droppedAt ?? Infinity, table.leftAt.get(other?.table ?? '') ?? Infinity);
  if (isDropped(table) && gone <= (table.droppedAt ?? 0)) return WITH_THE_TABLE;
  if (isDropped(table)) return guarded(found, table, all, false);
  return follows('Whatever the plan changes here changes there too, and its rows are among those changed.');
};

const JUDGES: Readonly<Record<string, Judge>> = {
  view: (found, table, all) => guarded(found, table, all, true),
  'materialized view': (found, table, all) => guarded(found, table, all, true),
  'rule of another table': (found, table, all) => guarded(found, table, all, true),
  'function with a parsed body': (found, table, all) => guarded(found, table, all, true),
  'foreign key to the table': keyToTheTable,
  'sequence used elsewhere': (found, table, all) => guarded(found, table, all, false),
  'dependent object': (found, table, all) => guarded(found, table, all, false),
  rule: (found, table, all) =>
    isDropped(table) ? kept('It goes with the table that the plan drops.') : guarded(found, table, all, true),
  'function that names the table': (found, table) =>
    text(found, goneNames(table)) ?? follows('What its text names stays.'),
  trigger,
  policy,
  'row-level security': stays('It stays on the table.'),
  publication: (_found, table) =>
    byName(table, 'A subscriber looks for it under the old name and stops, without an error here.'),
  'publication column list': publicationPart,
  'publication row filter': publicationPart,
  subscription: (_found, table) => byName(table, 'The subscription finds it no more and stops.'),
  'replica identity': replicaIdentity,
  'generated column': generated,
  'foreign key of the table': (found, table) => own(found, table, table.droppedConstraints),
  'check constraint': (found, table) => own(found, table, table.droppedConstraints),
  'key or exclusion constraint': (found, table) => own(found, table, table.droppedConstraints),
  index: (found, table) => own(found, table, table.droppedIndexes),
  statistics: (found, table) =>
    isDropped(table) ? WITH_THE_TABLE : silent(found, table, 'They stay on the table.'),
  grant: (found, table) => silent(found, table, 'It stays on the table.'),
  'column grant': (found, table) => silent(found, table, 'It stays on the column.'),
  comment: (found, table) => silent(found, table, 'It stays on the table.'),
  'column comment': (found, table) => silent(found, table, 'It stays on the column.'),
  'security label': (found, table) => silent(found, table, 'It stays.', lost),
  'storage parameters': stays('They stay on the table.'),
  tablespace: stays('The table stays in it.'),
  'child table': child,
  'parent table': parent,
  'row type': rowType,
  'member of an extension': (_found, table) =>
    isDropped(table)
      ? breaks('The table belongs to an extension: the server refuses to drop it alone.')
      : follows('It stays a member.'),
  'typed table': (_found, table) =>
    table.reshaped
      ? breaks('The table takes its columns from a type: the server refuses to change them here.')
      : follows('Its columns stay.'),
  'event trigger': () => follows('It runs at every change of a definition, also at those of the plan.'),
  'logical replication slot': () =>
    follows('Whoever reads it sees the tables under their new names from then on.'),
};

/** Null when it is part of what the plan itself drops by name. @throws {Error} for a kind without a rule. */
export function judgeAttachment(found: Found, table: Touched, all: readonly Touched[]): Verdict {
  const judge = JUDGES[found.kind];
  if (!judge) throw new Error(`no rule for an attachment of kind ${found.kind}`);
  return judge(found, table, all);
}

function list(names: string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
