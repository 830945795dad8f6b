/**
 * What a step keeps of objects beside tables. Types, domains, functions and sequences are moved into the archive instead of
 * dropped: tables that were moved there before them still rest on them, and they come back as the very same. Views and
 * schemas are made again from their definitions. CASCADE is never sent: what it would take is dropped by name, or the step
 * is refused.
 */
import { ARCHIVE_SCHEMA, draft, relation, type Draft } from '../archive/draft.ts';
import type { Flow } from '../archive/follow.ts';
import { archiveName } from '../archive/names.ts';
import { quoteName, quoteQualified } from '../definition-sql.ts';
import type { ArchiveEntry } from '../procedure/types.ts';
import { applyEffects } from '../symbolic.ts';
import type { Catalog, Statement } from '../types.ts';
import { isAccounted, isKept, type Moments } from './accounted.ts';
import { changesAttributes } from './composite.ts';
import { isRelation, MOVED, objectKey, objectName, refOnly, renamedTo } from './keys.ts';
import { attributeOf, contentsOf, othersOf } from './left.ts';
import { loneTargetAt } from './target.ts';
import { makes, restingFirst } from './together.ts';
import { unusedCheck } from './unused.ts';
import type { Dependent, ObjectEffect, ObjectRef, ObjectsRecord, ObjectState } from './types.ts';

export interface ObjectsRequest {
  run: string;
  step: string;
  /** When the step begins. */
  catalog: Catalog;
  pending: readonly Statement[];
  flow: Flow;
}

export interface KeptOfStatement {
  before: Draft[];
  /** What is sent in the statement's place. */
  instead: Draft[] | null;
  entries: Omit<ArchiveEntry, 'seq'>[];
}

function plainDrop(effect: ObjectEffect, state: ObjectState, index: number): Draft {
  return draft('instead', `DROP ${state.target}`, `Drops ${objectName(effect)}.`, { carries: [index] });
}

export class ObjectKeeping {
  readonly record: {
    objects: ObjectsRecord['objects'][number][];
    renamed: ObjectsRecord['renamed'][number][];
  } = {
    objects: [],
    renamed: [],
  };
  readonly notUndoable: string[] = [];
  private seq = 0;
  /** Sent when all objects of a statement are out of the way: they may rest on each other. */
  private checks: Draft[] = [];
  /** What the statement at hand drops or takes along: keys, and identities of what has none. */
  private together = new Set<string>();

  constructor(private readonly request: ObjectsRequest) {}

  private get schema(): string {
    return this.request.catalog.schema;
  }

  private stateOf(ref: ObjectRef): ObjectState | null {
    const state = this.request.catalog.objects?.[objectKey(ref, this.schema)];
    if (state === undefined) throw new Error(`It is not known what ${objectName(ref)} is before the step.`);
    return state;
  }

  private keyOf({ ref, type, identity }: Dependent): string {
    return ref ? objectKey(ref, this.schema) : `${type} ${identity}`;
  }

  private say(words: string | null): void {
    if (words !== null && !this.notUndoable.includes(words)) this.notUndoable.push(words);
  }

  /** What depends on it is written down where it is dropped itself. */
  private before(ref: ObjectRef): ObjectState | null {
    const state = this.stateOf(ref);
    return state && { ...state, dependents: [] };
  }

  /** The first state counts: what it was before the step. */
  private note(
    ref: ObjectRef,
    at: number,
    more: { archived?: string; numbers?: string; moves?: boolean; goes?: boolean } = {},
  ): void {
    const { archived = null, numbers = null, goes = false, moves = goes } = more;
    const key = objectKey(ref, this.schema);
    let known = this.record.objects.find((one) => one.key === key);
    if (!known) {
      known = { key, ref: refOnly(ref), before: this.before(ref), archived, numbers, at };
      this.record.objects.push(known);
    }
    known.archived ??= archived;
    known.numbers ??= numbers;
    if (moves) known.at = at;
    if (goes) known.gone ??= at;
  }

  private place(object: string): string {
    this.seq += 1;
    return archiveName(this.request.run, `${this.request.step}o`, this.seq, object);
  }

  /** @throws {Error} why what would be lost cannot be kept */
  at(statement: Statement): KeptOfStatement {
    const kept: KeptOfStatement = { before: [], instead: null, entries: [] };
    const moments = this.momentsAt(statement);
    const written = statement.effects.filter((one): one is ObjectEffect => one.kind === 'object');
    const together = restingFirst(written, moments.now);
    const effects = together ?? written;
    this.together = new Set(together?.map((one) => objectKey(one, this.schema)));
    const parts = effects.map((effect) =>
      effect.verb === 'drop'
        ? this.drop(effect, statement, moments, kept)
        : this.change(effect, statement, moments, kept),
    );
    if (parts.some((part) => part !== null)) {
      if (statement.effects.some((one) => one.kind !== 'object' || one.verb !== 'drop'))
        throw new Error(
          `Statement ${statement.index} drops an object and does something else, of which only one could be sent. Write them as statements of their own.`,
        );
      kept.instead = [
        ...parts.flatMap((part, at) => part ?? this.asDropped(effects[at]!, moments, statement)),
        ...this.checks,
      ];
      this.checks = [];
    }
    return kept;
  }

  private momentsAt({ index }: Statement): Moments {
    const { catalog: start, pending } = this.request;
    const between = pending.filter((one) => one.index < index).flatMap(({ effects }) => effects);
    return { start, between, now: applyEffects(start, between) };
  }

  /** One of several objects of a statement that is not sent as it stands. */
  private asDropped(effect: ObjectEffect, { now }: Moments, { index }: Statement): Draft[] {
    const state = now.objects?.[objectKey(effect, this.schema)];
    if (!state) {
      if (effect.ifExists) return [];
      throw new Error(`Statement ${index} drops ${objectName(effect)}, which is not there.`);
    }
    return [plainDrop(effect, state, index)];
  }

  private change(effect: ObjectEffect, { index }: Statement, moments: Moments, kept: KeptOfStatement): null {
    if (effect.type === 'statistics' || effect.type === 'index') {
      this.ofTable(effect, index);
      if (effect.sets['target'] !== undefined) this.note(effect, index);
      return null;
    }
    this.say(othersOf(effect, this.request.catalog.objects?.[objectKey(effect, this.schema)], index));
    if (effect.on !== undefined) {
      if (this.stateOf(effect)?.attributes['internal'] === 'yes') this.note(effect, index);
      return null;
    }
    if (effect.verb === 'rename') {
      const to = refOnly(renamedTo(effect));
      this.note(effect, index);
      this.note(to, index);
      this.record.renamed.push({ from: refOnly(effect), to, at: index });
      return null;
    }
    const state = this.stateOf(effect);
    if (!state && this.comesWithTable(effect)) return null;
    if (effect.verb === 'replace' && state && state.make === null && state.oid !== 0)
      throw new Error(`Statement ${index} replaces ${objectName(effect)}, which cannot be made again.`);
    if (effect.type === 'sequence' && effect.verb === 'alter' && !effect.again && state)
      this.numbers(effect, state, kept, index);
    else this.note(effect, index, { moves: makes(effect, moments.now) });
    if (changesAttributes(effect) && state) this.say(attributeOf(effect, state, index));
    if (isRelation(effect) && effect.verb === 'alter') this.columns(effect, index);
    if (effect.forGood)
      this.notUndoable.push(
        `Statement ${index} adds a value to ${objectName(effect)}: PostgreSQL has no way to take it away again.`,
      );
    this.say(contentsOf(effect, state, index));
    return null;
  }

  /** Made by a statement about tables, or a table under another name: it goes back as its table does. */
  private comesWithTable({ type, verb, ...ref }: ObjectEffect): boolean {
    if ((type !== 'table' && type !== 'sequence') || verb === 'create' || verb === 'replace') return false;
    const key = objectKey({ type, ...ref }, this.schema);
    return !this.record.objects.some((one) => one.key === key);
  }

  /** Columns of a view that get other names: an undo gives them theirs, and makes nothing again. */
  private columns(effect: ObjectEffect, index: number): void {
    const names = Object.entries(effect.sets).filter(([name]) => name.startsWith('column:'));
    const of = (value: string): string =>
      (names.find(([, is]) => is === value)?.[0] ?? '').slice('column:'.length);
    const known = this.record.objects.find(({ key }) => key === objectKey(effect, this.schema));
    if (!known) return;
    if (names.length > 0) known.columns = [...(known.columns ?? []), { from: of('no'), to: of('yes') }];
    else if (known.columns) throw new Error(this.mixed(effect, index));
  }

  private mixed(effect: ObjectEffect, index: number): string {
    return `Statement ${index} changes ${objectName(effect)}, of which a column gets another name in the same step. Make it a step of its own.`;
  }

  /** Statistics are in the definition of their table; only those that are new are none of it. */
  private ofTable(effect: ObjectEffect, index: number): void {
    const state = this.stateOf(effect);
    const [read] = effect.reads;
    const table = state?.attributes['table'] ?? read;
    const followed = this.request.flow.tables.find(({ definition }) => definition.name === table);
    if (followed) Object.assign(followed, { touched: true, altered: true });
    if (!state) this.note(effect, index);
  }

  /** Null: as written. */
  private drop(
    effect: ObjectEffect,
    statement: Statement,
    moments: Moments,
    kept: KeptOfStatement,
  ): Draft[] | null {
    const { index } = statement;
    if (effect.type === 'statistics') this.ofTable(effect, index);
    if (effect.on !== undefined || effect.type === 'statistics') return null;
    this.say(
      contentsOf(effect, this.request.catalog.objects?.[objectKey(effect, this.schema)] ?? null, index),
    );
    const state = moments.now.objects?.[objectKey(effect, this.schema)] ?? null;
    this.stateOf(effect);
    if (!state || state.oid === 0) {
      if (effect.cascade && state)
        throw new Error(
          `Statement ${index} drops ${objectName(effect)} with CASCADE, which the plan itself has made: what would go along is not known.`,
        );
      this.note(effect, index, { goes: true });
      return null;
    }
    if (state.several)
      throw new Error(`Statement ${index} drops ${objectName(effect)}, of which there are several.`);
    const live = state.dependents.filter(
      (one) => !isAccounted(one, moments) && !this.together.has(this.keyOf(one)),
    );
    if (effect.type === 'extension') return this.dropExtension(effect, statement, state);
    if (live.length > 0 && !effect.cascade) {
      this.note(effect, index, { goes: true });
      return null;
    }
    const first = live.flatMap((one) => this.dropDependent(one, effect, statement));
    for (const one of live) this.together.add(this.keyOf(one));
    const movable = MOVED.includes(effect.type) && this.isFree(state, moments);
    if (!movable) this.say(othersOf(effect, this.stateOf(effect), index));
    if (movable) return [...first, ...this.move(effect, state, statement, kept)];
    if (state.make === null && effect.type !== 'sequence')
      throw new Error(`Statement ${index} drops ${objectName(effect)}, which could not be made again.`);
    this.note(effect, index, { goes: true });
    if (state.make !== null)
      kept.entries.push(this.entry(effect, `${state.target}: ${(state.make ?? []).join('; ')}`));
    return first.length > 0 || effect.cascade ? [...first, plainDrop(effect, state, index)] : null;
  }

  /** A sequence of a table that goes in the same step goes with it, under the table's rules. */
  private isFree(state: ObjectState, { now }: Moments): boolean {
    const owner = state.attributes['owned by'] ?? 'NONE';
    if (owner === 'NONE') return true;
    return Object.values(now.tables).some(({ schema, name }) => owner.startsWith(`${schema}.${name}.`));
  }

  private entry(ref: ObjectRef, words: string): Omit<ArchiveEntry, 'seq'> {
    return { kind: 'definition', object: objectName(ref), archived: null, key: [], columns: [], words };
  }

  private move(ref: ObjectEffect, state: ObjectState, { index }: Statement, kept: KeptOfStatement): Draft[] {
    const archived = this.place(state.name);
    this.note(ref, index, { archived, goes: true });
    const moved = loneTargetAt(state, ARCHIVE_SCHEMA, archived);
    kept.entries.push({ ...this.entry(ref, `${objectName(ref)}, whole: moved instead of dropped.`), moved });
    const carries = [index];
    this.checks.push(unusedCheck(archived, objectName(ref), carries));
    const owned = (state.attributes['owned by'] ?? 'NONE') !== 'NONE';
    return [
      ...(owned
        ? [
            draft('archive', `ALTER ${state.target} OWNED BY NONE`, `Unties ${ref.name} from its column.`, {
              carries,
            }),
          ]
        : []),
      draft(
        'archive',
        `ALTER ${state.target} RENAME TO ${quoteName(archived)}`,
        `Gives ${objectName(ref)} its name in the archive.`,
        { carries },
      ),
      draft(
        'archive',
        `ALTER ${loneTargetAt(state, state.schema, archived)} SET SCHEMA ${quoteName(ARCHIVE_SCHEMA)}`,
        `Moves ${objectName(ref)} into the archive instead of dropping it.`,
        { carries },
      ),
    ];
  }

  /** Where a sequence stands is no part of its definition: nobody may take a number between the copy and the change. */
  private numbers(ref: ObjectEffect, state: ObjectState, kept: KeptOfStatement, index: number): void {
    const archived = this.place(state.name);
    this.note(ref, index, { numbers: archived });
    const words = `Where ${objectName(ref)} stands.`;
    kept.before.push(
      draft(
        'archive',
        `ALTER ${state.target} CACHE ${state.attributes['cache'] ?? '1'}`,
        `Keeps others from taking numbers of ${ref.name} meanwhile.`,
      ),
      draft(
        'archive',
        `CREATE TABLE ${relation(ARCHIVE_SCHEMA, archived)} AS SELECT last_value, is_called FROM ${quoteQualified(state)}`,
        `Keeps where ${objectName(ref)} stands.`,
        { command: 'CREATE TABLE AS' },
      ),
    );
    kept.entries.push({
      kind: 'rows',
      object: objectName(ref),
      archived,
      key: [],
      columns: ['last_value', 'is_called'],
      words,
    });
  }

  /** What rests on an extension's types would go with it, in the archive too. */
  private dropExtension(effect: ObjectEffect, { index }: Statement, state: ObjectState): null {
    const resting = state.dependents.filter((one) => one.type === 'table column' || isKept(one));
    if (resting.length > 0 && (effect.cascade || resting.every((one) => isKept(one) || one.table !== null))) {
      const what = resting.slice(0, 3).map(({ identity }) => identity);
      throw new Error(
        `Statement ${index} drops the extension ${effect.name}, on which what is kept rests, or would rest: ${what.join(', ')}. ` +
          'Leave the statement out, and drop the extension when the archive is purged; or go without the archive.',
      );
    }
    if (effect.cascade && state.dependents.length > 0)
      throw new Error(
        `Statement ${index} would take along what depends on the extension ${effect.name}: ${state.dependents
          .slice(0, 3)
          .map(({ identity }) => identity)
          .join(', ')}. Drop it by statements of its own first.`,
      );
    this.note(effect, index);
    this.notUndoable.push(
      `What the extension ${effect.name} keeps in tables of its own goes with statement ${index}: an undo makes it anew, as version ${state.attributes['version'] ?? ''}.`,
    );
    return null;
  }

  private dropDependent(one: Dependent, effect: ObjectEffect, { index }: Statement): Draft[] {
    const refuse = (): never => {
      throw new Error(
        `Statement ${index} drops ${objectName(effect)} with CASCADE, which would take ${one.type} ${one.identity} along, with what is in it. Drop that by a statement of its own first.`,
      );
    };
    const words = `Drops ${one.type} ${one.identity}, which CASCADE would take along.`;
    const followed = this.request.flow.tables.find(({ definition }) => definition.name === one.table);
    if (one.table !== null && !isRelation({ type: one.ref?.type ?? 'table' })) {
      if (!followed) return refuse();
      followed.touched = true;
    }
    if (one.ref) {
      const state = this.stateOf(one.ref);
      if (!state) return [];
      if (one.ref.on === undefined) {
        if (state.make === null) return refuse();
        this.note(one.ref, index, { goes: true });
        this.say(contentsOf({ ...effect, ...one.ref }, state, index));
      }
      return [draft('instead', `DROP ${state.target}`, words)];
    }
    if (!followed || one.name === null) return refuse();
    const table = `ALTER TABLE ${relation(followed.definition.schema, followed.definition.bare ?? followed.definition.name)}`;
    if (one.type === 'default value') {
      followed.altered = true;
      followed.lostDefaults.add(one.name);
      return [draft('instead', `${table} ALTER COLUMN ${quoteName(one.name)} DROP DEFAULT`, words)];
    }
    if (one.type !== 'table constraint') return refuse();
    followed.altered = true;
    followed.lostConstraints.add(one.name);
    return [draft('instead', `${table} DROP CONSTRAINT ${quoteName(one.name)}`, words)];
  }
}
