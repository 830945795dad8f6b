/** A step as it is written in the runbook, with what it destroys kept on the way. */
import type { Attachment } from '../../postgres/types.ts';
import type { TableDefinition } from '../definition.ts';
import { callsSaid } from '../calls.ts';
import { ObjectKeeping, type KeptOfStatement } from '../objects/keep.ts';
import type { ArchiveEntry, ForwardMapping, StepLocks, StepRecord } from '../procedure/types.ts';
import type { Catalog, Plan, PlanStep, Statement } from '../types.ts';
import { archiveColumns, keyOf, type Kept } from './columns.ts';
import { archiveDeleted } from './deleted.ts';
import type { Draft } from './draft.ts';
import { changedByOthers, markedByOthers } from './firing.ts';
import { leaves, ownColumns, parting, type Setting } from '../family/keep.ts';
import { follow, type Flow, type Followed, type Snapshot } from './follow.ts';
import { notUndoableOf } from './honest.ts';
import { parentsFirst } from '../family/members.ts';
import { movable, mustBeAlone, mustFit, mustMove } from './leaving.ts';
import { lostOf } from './lost.ts';
import { moveTable } from './move.ts';
import { archiveName } from './names.ts';
import { recordActions } from './record.ts';
import { locksFor } from './step-locks.ts';
import { isUnsteady } from '../unsteady.ts';

export interface AsWrittenRequest {
  plan: Plan;
  step: PlanStep;
  /** Those of its statements that still have to run, in order. */
  pending: readonly Statement[];
  /** Of every table the plan names that exists when the step begins. */
  definitions: readonly TableDefinition[];
  /** What hangs on them. */
  attachments: readonly Attachment[];
  /** When the step begins. */
  catalog: Catalog;
  run: string;
  schema: string;
  withoutArchive: boolean;
  /** Whether the journal row is written. */
  keepsJournal: boolean;
  /** All `forward=` mappings of the runbook, or those of this step. */
  forward: readonly ForwardMapping[];
  /** Tables, by their names when the step begins, that earlier steps still to run change. */
  earlier?: ReadonlySet<string>;
  /** Statements of later steps. */
  later?: readonly Statement[];
  /** What keeps a migration tool out: written down for the undo. */
  toolLocks?: readonly StepLocks[];
}

export interface AsWritten {
  drafts: Draft[];
  archive: ArchiveEntry[];
  notUndoable: string[];
  record: StepRecord;
  locks: StepLocks[];
}

/** A SET holds for its step and not for what backout asks afterwards in the same session (manual, sql-set). */
const forTheStep = ({ sql, tree }: Statement): string =>
  'VariableSetStmt' in tree && tree.VariableSetStmt.is_local !== true
    ? sql.replace(/^SET\s+(?:SESSION\s+)?/i, 'SET LOCAL ')
    : sql;

/** A statement of the runbook as an action. */
export function asStatement(statement: Statement): Draft {
  const { command, line, index } = statement;
  const sql = forTheStep(statement);
  return { role: 'statement', carries: [index], sql, command, words: '', line };
}

/** Tables, by their names when the step begins, that other steps still to run change as well. */
function elsewhereOf(request: AsWrittenRequest, flow: Flow): Set<string> {
  const { definitions, schema, earlier = new Set(), later = [] } = request;
  const left = flow.tables.flatMap(({ definition, now }) =>
    now === null ? [] : [{ ...definition, name: now }],
  );
  const touched = follow(later, left, schema).tables.filter((one) => one.touched);
  const after = new Set(touched.map(({ definition }) => definition.name));
  const names = definitions.map(({ name }) => name);
  return new Set(
    names.filter((name) => {
      const now = flow.tables.find(({ definition }) => definition.name === name)?.now ?? null;
      return earlier.has(name) || (now !== null && after.has(now));
    }),
  );
}

class Keeping {
  readonly archive: ArchiveEntry[] = [];
  readonly start: Draft[] = [];
  readonly around = new Map<number, { before: Draft[]; instead: Draft[] | null; after: Draft[] }>();
  private seq = 0;
  private readonly elsewhere: ReadonlySet<string>;
  private readonly objects: ReadonlyMap<number, KeptOfStatement> | null;

  constructor(
    private readonly request: AsWrittenRequest,
    private readonly flow: Flow,
    objects: ObjectKeeping | null,
  ) {
    this.elsewhere = elsewhereOf(request, flow);
    this.objects = objects && new Map(request.pending.map((one) => [one.index, objects.at(one)]));
    mustFit(this.setting);
    for (const table of flow.tables.filter(({ touched }) => touched)) this.keepTable(table);
    for (const statement of request.pending) this.keepAt(statement);
    for (const table of flow.created) {
      const words = `Table ${table}, which the step creates.`;
      this.entry({ kind: 'created', object: table, words });
    }
  }

  /**
   * Rows that were there must be told from rows that the step adds, where both end with its mark: by the keys of all
   * that were there. So too where the server may write all of them anew (ADD COLUMN with a default that it must compute,
   * ALTER TYPE: manual, sql-altertable), where triggers may write to them, and where another step works on the table, whose
   * undo leaves its own mark.
   */
  private mixed(table: Followed): boolean {
    const { inserts, updates, deletes, rewritten, definition } = table;
    const marked = updates.length + deletes.length > 0 || rewritten;
    const others = this.elsewhere.has(definition.name) || markedByOthers(table, this.flow);
    return (inserts.length > 0 && (marked || others)) || this.loose(table);
  }

  /** Without a key nothing tells which rows went where a deletion cannot be asked for them twice: all are kept. */
  private loose({ deletes, definition, now }: Followed): boolean {
    if (keyOf(definition).length > 0) return false;
    return this.request.pending
      .filter(({ index }) => deletes.includes(index))
      .some((statement) => isUnsteady(statement, now ?? definition.name, this.request));
  }

  private next(): number {
    return (this.seq += 1);
  }

  private get setting(): Setting {
    const { pending, attachments, schema } = this.request;
    return { flow: this.flow, pending, attachments, schema };
  }

  private entry(more: Pick<ArchiveEntry, 'kind' | 'object' | 'words'> & Partial<ArchiveEntry>): void {
    this.archive.push({ seq: this.next(), archived: null, key: [], columns: [], ...more });
  }

  private take({ drafts, entry }: Kept, to: Draft[]): void {
    this.archive.push(entry);
    to.push(...drafts);
  }

  /** Values before the step, kept before its first statement; definitions. */
  private keepTable(table: Followed): void {
    const { run, step } = this.request;
    const { definition, overwritten, retyped, dropped, inherited } = table;
    const left = table.drop !== null && !movable(table, this.setting);
    if (left) mustMove(table, this.setting);
    const others = new Set(changedByOthers(table, this.flow));
    const columns = left
      ? definition.columns.map(({ name }) => name)
      : definition.columns
          .map(({ name }) => name)
          .filter(
            (name) => overwritten.has(name) || retyped.has(name) || dropped.has(name) || others.has(name),
          )
          .filter((name) => !inherited.has(name) || overwritten.has(name) || others.has(name));
    const stored = definition.columns.some((one) => columns.includes(one.name) && one.generated === '');
    if (stored || this.mixed(table) || table.deletes.length > 0) mustBeAlone(table);
    if (stored || this.mixed(table)) {
      const full = left || this.mixed(table);
      this.take(
        archiveColumns({ definition, columns, seq: this.next(), run, step: step.id, full }),
        this.start,
      );
    }
    if (table.drop === null) {
      for (const lost of lostOf(table)) this.entry({ kind: 'definition', ...lost });
    }
  }

  private keepAt(statement: Statement): void {
    const { run, step } = this.request;
    const before: Draft[] = [];
    const after: Draft[] = [];
    let instead: Draft[] | null = null;
    const snapshots = this.flow.before.get(statement.index) ?? [];
    for (const snapshot of snapshots) {
      const { table } = snapshot;
      // A copy of all rows is there already of a table that goes, or that has no key to tell rows apart by.
      const copied =
        (table.drop !== null && !movable(table, this.setting)) ||
        (this.mixed(table) && keyOf(table.definition).length === 0);
      if (table.deletes.includes(statement.index)) this.mayEmpty(statement, table);
      if (table.deletes.includes(statement.index) && !copied) {
        const place = { run, step: step.id, seq: this.next() };
        const unsteady = isUnsteady(statement, snapshot.now ?? table.definition.name, this.request);
        const kept = archiveDeleted(statement, snapshot, place, unsteady);
        this.take(kept, before);
        after.push(...(kept.after ?? []));
      }
    }
    const dropped = snapshots.filter(({ table }) => table.drop?.statement === statement.index);
    const all = statement.effects.every(
      (effect) =>
        effect.kind === 'drop-table' && (effect.ifExists || dropped.some(({ now }) => now === effect.table)),
    );
    if (dropped.length > 0 && all && dropped.every(({ table }) => movable(table, this.setting))) {
      // Foreign keys are taken from a parent, and so from its partitions.
      instead = parentsFirst(dropped, ({ table }) => table.definition).flatMap(({ table, now }) =>
        this.move(table, now ?? table.definition.name, statement.index, snapshots),
      );
    }
    const objects = this.objects?.get(statement.index);
    for (const entry of objects?.entries ?? []) this.archive.push({ ...entry, seq: this.next() });
    before.push(...(objects?.before ?? []));
    this.around.set(statement.index, { before, instead: instead ?? objects?.instead ?? null, after });
  }

  /** Which tables go along is read off those of the run's schema and those that the plan names. */
  private mayEmpty({ index, effects }: Statement, { definition }: Followed): void {
    if (!effects.some((effect) => effect.kind === 'delete' && effect.truncate?.cascade)) return;
    const other = this.request.attachments.find(
      ({ table, kind, outcome }) =>
        table === definition.name && kind === 'foreign key to the table' && outcome === 'breaks',
    );
    if (other)
      throw new Error(
        `Statement ${index} would empty another table along with ${definition.name}, by its foreign key ${other.name}, whose rows are not kept. Truncate that table by name.`,
      );
  }

  private move(table: Followed, now: string, statement: number, snapshots: readonly Snapshot[]): Draft[] {
    const { run, step } = this.request;
    const seq = this.next();
    const archived = archiveName(run, step.id, seq, table.definition.name);
    const words = `Table ${table.definition.name}, whole: moved instead of dropped.`;
    this.archive.push({
      seq,
      kind: 'table',
      object: table.definition.name,
      archived,
      key: keyOf(table.definition),
      columns: table.definition.columns.map(({ name }) => name),
      words,
    });
    const left = leaves(table, this.setting);
    const called = (parent: string): string =>
      snapshots.find((one) => one.table.definition.name === parent)?.now ?? parent;
    const place = { schema: table.definition.schema, name: now };
    const parted = left.map((parent) => parting(table, place, parent, called(parent), statement));
    // What it has of a parent that goes with it is untied there.
    const constraints = table.definition.constraints.filter(
      ({ parent }) => parent === undefined || left.length > 0,
    );
    const moved = moveTable({ ...table.definition, name: now, constraints }, archived);
    return [...parted, ...moved.map((one) => ({ ...one, carries: [statement] }))];
  }
}

/** Of a step in parts, that part has it which changes the table that it is about. */
function isForwardOf(
  { step: id, table }: ForwardMapping,
  { id: own, part }: PlanStep,
  touched: readonly Followed[],
): boolean {
  if (part === undefined) return id === own;
  return id === part.of && touched.some(({ definition }) => definition.name === table);
}

function restartedOf(touched: readonly Followed[]): Pick<StepRecord, 'restarted'> {
  const restarted = touched.filter((table) => table.restarted).map(({ definition }) => definition.name);
  return restarted.length === 0 ? {} : { restarted };
}

function recordOf(
  request: AsWrittenRequest,
  flow: Flow,
  archive: ArchiveEntry[],
  notUndoable: string[],
): StepRecord {
  const touched = flow.tables.filter(({ touched: changed }) => changed);
  const moved = (table: Followed): string | null => (table.now !== table.definition.name ? table.now : null);
  const renamed = touched.flatMap((table): [string, string][] => {
    const now = moved(table);
    return now === null ? [] : [[table.definition.name, now]];
  });
  const columns = touched.flatMap((table): [string, Record<string, string>][] => {
    const changed = [...table.names].filter(([now, before]) => now !== before);
    return table.now === null || changed.length === 0 ? [] : [[table.now, Object.fromEntries(changed)]];
  });
  return {
    schema: request.schema,
    form: 'as-written',
    before: touched.map(({ definition }) => definition),
    renamed: Object.fromEntries(renamed),
    renamedColumns: Object.fromEntries(columns),
    created: flow.created,
    dropped: touched.filter(({ now }) => now === null).map(({ definition }) => definition.name),
    inserted: touched.filter(({ inserts }) => inserts.length > 0).map(({ definition }) => definition.name),
    ...restartedOf(touched),
    archive,
    notUndoable,
    unsteady: Object.fromEntries(
      touched.flatMap(({ definition, overwritten, retyped, dropped: gone }): [string, string[]][] => {
        const all = [...new Set([...overwritten, ...retyped, ...gone])];
        return all.length === 0 ? [] : [[definition.name, all]];
      }),
    ),
    forward: request.forward.filter((one) => isForwardOf(one, request.step, touched)),
    ...(request.toolLocks?.length ? { toolLocks: [...request.toolLocks] } : {}),
    ...(request.catalog.elsewhere ? { elsewhere: request.catalog.elsewhere } : {}),
  };
}

/**
 * The step in the form as-written. Pure; needs `loadParser`.
 *
 * What statements overwrite, retype or drop of a table is kept by key before the first of them; rows that a DELETE
 * hits, right before it; a dropped table is moved into the archive instead, unless the server would have refused to
 * drop it (then the statement stays, and is refused) or it goes with CASCADE (then a copy of its rows is kept).
 * Without the archive the statements stand as they are, and only the journal row is added.
 *
 * @throws {Error} when a DELETE cannot be written as a SELECT that means the same
 */
export function asWritten(request: AsWrittenRequest): AsWritten {
  const { step, pending, definitions, attachments, schema, run, withoutArchive, keepsJournal } = request;
  const flow = follow(pending, definitions, schema);
  const objects =
    withoutArchive || flow.objects.length === 0
      ? null
      : new ObjectKeeping({ run, step: step.id, catalog: request.catalog, pending, flow });
  const keeping = withoutArchive ? null : new Keeping(request, flow, objects);
  const notUndoable = withoutArchive
    ? ['Nothing was archived.']
    : [
        ...notUndoableOf(flow, attachments, pending),
        ...callsSaid(pending, request.catalog.volatile),
        ...flow.tables.flatMap((table) => ownColumns(table, { flow, pending, attachments, schema })),
        ...(objects?.notUndoable ?? []),
      ];
  const archive = keeping?.archive ?? [];
  const record: StepRecord = {
    ...recordOf(request, flow, archive, notUndoable),
    ...(objects ? { objects: objects.record } : {}),
  };
  const work = pending.flatMap((statement) => {
    const around = keeping?.around.get(statement.index);
    return [
      ...(around?.before ?? []),
      ...(around?.instead ?? [asStatement(statement)]),
      ...(around?.after ?? []),
    ];
  });
  const journal = keepsJournal
    ? recordActions({ run, step: step.id, title: step.title, form: 'as-written', record })
    : [];
  const kept = archive
    .filter(({ kind }) => kind === 'columns' || kind === 'rows')
    .map(({ object }) => object);
  return {
    drafts: [...(keeping?.start ?? []), ...work, ...journal],
    archive,
    notUndoable,
    record,
    locks: locksFor(request, new Set(kept)),
  };
}
