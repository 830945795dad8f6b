/** Objects beside tables, as they were before a step. Pure. */
import { ARCHIVE_SCHEMA, relation, text } from '../archive/draft.ts';
import { archiveName } from '../archive/names.ts';
import { quoteName, quoteQualified } from '../definition-sql.ts';
import type { StepRecord } from '../procedure/types.ts';
import type { Making } from '../undo/making.ts';
import { differencesSql, finishedLast, finishedSql, rightsOf } from './attributes.ts';
import { defaultsSql } from './defaults.ts';
import { isRelation, objectKey, objectName } from './keys.ts';
import { loneTargetAt, targetAt } from './target.ts';
import type { Asked } from './refs.ts';
import { backwards, inTurn, type Making as Turn } from './turn.ts';
import type { ObjectRef, ObjectsRecord, ObjectState, ObjectStates } from './types.ts';

type Entry = ObjectsRecord['objects'][number];

/** Where a moved object lies; its name alone says which, whatever the types of its parameters are called by now. */
function archivedRef({ ref, archived }: Entry): ObjectRef | null {
  return archived === null ? null : { type: ref.type, schema: ARCHIVE_SCHEMA, name: archived };
}

/** What an undo looks for: the objects under their names, and those in the archive. */
export function undoneObjects({ objects, schema }: StepRecord): Asked[] {
  const refs = (objects?.objects ?? []).flatMap((entry) => [entry.ref, archivedRef(entry) ?? []].flat());
  const dropped = (ref: ObjectRef): boolean => isRelation(ref) || ref.type === 'type';
  return refs.map((ref) => ({ key: objectKey(ref, schema), ref, dropped: dropped(ref) }));
}

interface Facts {
  record: StepRecord;
  objects: ObjectStates;
  run: string;
  step: string;
}

/** Owner, row security and rights of a table are in its definition: `hanging.ts`. */
function isOfTable({ ref, before }: Entry): boolean {
  return ref.type === 'table' && ['r', 'p'].includes(before?.kind ?? '');
}

const isRoutine = ({ type }: ObjectRef): boolean => type === 'function' || type === 'procedure';

/** What is dropped again, not moved: it cannot be renamed, or lies in no schema. */
const DROPPED: readonly string[] = [
  'schema',
  'extension',
  'statistics',
  'operator',
  'cast',
  'event trigger',
  'publication',
];

/** These need tables to be there, or would act on what the undo does. */
const LAST: readonly string[] = ['event trigger', 'publication'];

/** A view without the comments on its columns and their defaults, which are set by themselves. */
const withoutColumns = ({ make, more }: ObjectState): string =>
  JSON.stringify([make?.[0], more.filter((sql) => !sql.startsWith('COMMENT ON COLUMN '))]);

/** Behind every statement of a step, whose numbers begin at 1. */
const AFTER_ALL = -1_000_000;

class Returning {
  readonly words: string[] = [];
  readonly refused: string[] = [];
  /** Present states by key, as far as the undo has come. */
  private readonly now: Record<string, ObjectState | null>;
  private moved = 0;
  /** What is made again. */
  private readonly makings: (Turn & { make: () => void })[] = [];
  /** Keys of views that rest on what goes: they are made last, in the opposite order. */
  private readonly resting: string[] = [];

  constructor(
    private readonly facts: Facts,
    private readonly making: Making | null,
  ) {
    this.now = { ...facts.objects };
    for (const one of backwards(facts.record.objects ?? { objects: [], renamed: [] })) {
      if ('rename' in one) this.renameBack(one.rename);
      else if (!isOfTable(one.entry)) this.restore(one.entry);
    }
    for (const { make } of inTurn(this.makings)) make();
  }

  private key(ref: ObjectRef): string {
    return objectKey(ref, this.facts.record.schema);
  }

  private say(phase: Parameters<Making['say']>[0], sql: string, words: string): void {
    this.making?.say(phase, sql, words);
  }

  private renameBack({ from, to }: ObjectsRecord['renamed'][number]): void {
    const state = this.now[this.key(to)];
    if (!state) {
      this.refused.push(`${objectName(to)} is not there any more.`);
      return;
    }
    const phase = isRelation(from) ? 'views-away' : 'objects';
    const schema = from.schema ?? this.facts.record.schema;
    const moved = 'schema' in to && to.schema !== undefined && schema !== state.schema;
    if (moved)
      this.say(
        phase,
        `ALTER ${state.target} SET SCHEMA ${quoteName(schema)}`,
        `Takes ${objectName(to)} back into schema ${schema}.`,
      );
    else
      this.say(
        phase,
        `ALTER ${state.target} RENAME TO ${quoteName(from.name)}`,
        `Gives ${objectName(to)} the name ${from.name} again.`,
      );
    this.now[this.key(to)] = null;
    this.now[this.key(from)] = this.underName(state, from, moved ? schema : state.schema);
    this.words.push(
      moved ? `${objectName(to)} is in schema ${schema} again.` : `${objectName(to)} is ${from.name} again.`,
    );
  }

  /** Its definition with the other name in it, so that only what is really different counts as such. */
  private underName(state: ObjectState, ref: ObjectRef, schema: string): ObjectState {
    const was = this.facts.record.objects?.objects.find(({ key }) => key === this.key(ref))?.before;
    const make = state.make?.map((sql, at) =>
      /^CREATE OR REPLACE (?:FUNCTION|PROCEDURE) [^(]*\(/.test(sql)
        ? sql.replace(/^[^(]*\(/, () => /^[^(]*\(/.exec(was?.make?.[at] ?? '')?.[0] ?? '')
        : sql.replace(quoteQualified(state), () => quoteQualified({ schema, name: ref.name })),
    );
    const more = was?.more.length === state.more.length ? was.more : state.more;
    return {
      ...state,
      schema,
      name: ref.name,
      target: targetAt(state, schema, ref.name),
      make: make ?? null,
      more,
    };
  }

  private restore(entry: Entry): void {
    const { ref, before, key, archived } = entry;
    const found = this.now[key] ?? null;
    // One that was named without its parameters may have a namesake by now, which is none of it.
    const other =
      ref.signature === undefined && before !== null && /^(FUNCTION|PROCEDURE) /.test(before.target);
    const now = other && found?.target !== before.target ? null : found;
    const lies = archivedRef(entry);
    if (lies) {
      const kept = this.facts.objects[this.key(lies)] ?? null;
      if (!kept) this.refused.push(`${objectName(ref)} is not in the archive any more: ${archived ?? ''}.`);
      if (now) this.away(entry, now, 'objects');
      if (kept) this.back(entry, kept);
    } else if (!before) {
      if (now) this.away(entry, now, 'objects-away');
    } else if (!now) {
      // Triggers of a foreign key come back with it, under a number of their own.
      if (before.attributes['internal'] !== 'yes') this.make(entry, before);
    } else this.change(entry, before, now);
    this.numbers(entry);
  }

  private back({ key, ref }: Entry, kept: ObjectState): void {
    const { schema } = ref.schema === undefined ? this.facts.record : { schema: ref.schema };
    this.say(
      'objects',
      `ALTER ${loneTargetAt(kept, kept.schema, kept.name)} SET SCHEMA ${quoteName(schema)}`,
      `Takes ${objectName(ref)} out of the archive.`,
    );
    const there = loneTargetAt(kept, schema, kept.name);
    this.say(
      'objects',
      `ALTER ${there} RENAME TO ${quoteName(ref.name)}`,
      `Gives it the name ${ref.name} again.`,
    );
    const state = this.underName(kept, ref, schema);
    const before = this.facts.record.objects?.objects.find((one) => one.key === key)?.before ?? null;
    if (before) this.asBefore(ref, before, state);
    const owner = before?.attributes['owned by'] ?? 'NONE';
    if (owner !== 'NONE')
      this.say(
        'finish',
        `ALTER ${state.target} OWNED BY ${owner}`,
        `Ties ${objectName(ref)} to its column again.`,
      );
    this.now[key] = state;
    this.words.push(`${objectName(ref)} comes back from the archive.`);
  }

  /** What the step did to it before it went into the archive. */
  private asBefore(ref: ObjectRef, before: ObjectState, state: ObjectState): void {
    // It is tied to its column when that is there.
    const owned = before.attributes['owned by'];
    const untied: Record<string, string> = owned === undefined ? {} : { 'owned by': owned };
    // What still bears the name of something that lies in the archive is that of before: both come back.
    const kept = Object.entries(before.attributes).filter(([name]) =>
      state.attributes[name]?.includes(ARCHIVE_SCHEMA),
    );
    const attributes = { ...state.attributes, ...Object.fromEntries(kept), ...untied };
    const now = { ...state, attributes };
    if (isRoutine(ref) && JSON.stringify(before.make) !== JSON.stringify(state.make)) {
      this.say(
        'objects',
        'SET LOCAL check_function_bodies = off',
        'Lets functions name what comes back later.',
      );
      for (const sql of before.make ?? []) this.say('objects', sql, `Makes ${objectName(ref)} as it was.`);
    }
    for (const { sql, words } of differencesSql(before, now, objectName(ref)))
      this.say('objects', sql, words);
  }

  /** Views on a view that goes are dropped before it and made again after it, the last one made first. */
  private restingOn({ dependents }: ObjectState): { ref: ObjectRef; key: string; state: ObjectState }[] {
    const own = new Set(this.facts.record.objects?.objects.map(({ key }) => key));
    return dependents.flatMap(({ ref, identity }) => {
      const key = ref ? this.key(ref) : '';
      if (own.has(key) || this.resting.includes(key)) return [];
      const state = this.now[key] ?? null;
      if (!ref || !state || !isRelation(ref)) {
        this.refused.push(`${identity} rests on what has to go on the way back. Drop it first.`);
        return [];
      }
      this.say('views-away', `DROP ${state.target}`, `Drops ${objectName(ref)}, which is made again.`);
      this.now[key] = null;
      this.resting.push(key);
      return [{ ref, key, state }];
    });
  }

  /** What the rollback made: out of the way, and kept where something may rest on it. */
  private away({ ref, key }: Entry, now: ObjectState, phase: 'objects' | 'objects-away'): void {
    this.now[key] = null;
    if (isRelation(ref) || DROPPED.includes(ref.type)) {
      const first = isRelation(ref) ? 'views-away' : 'objects-away';
      this.making?.note(objectName(ref), `${now.target}: ${(now.make ?? []).join('; ')}`);
      this.say(first, `DROP ${now.target}`, `Drops ${objectName(ref)}, which was not there before.`);
      this.words.push(`${objectName(ref)}, which the rollback made, is dropped.`);
      return;
    }
    this.moved += 1;
    const name = archiveName(this.facts.run, `${this.facts.step}o`, this.moved, now.name);
    if ((now.attributes['owned by'] ?? 'NONE') !== 'NONE')
      this.say(phase, `ALTER ${now.target} OWNED BY NONE`, `Unties ${objectName(ref)} from its column.`);
    this.say(
      phase,
      `ALTER ${now.target} RENAME TO ${quoteName(name)}`,
      `Gives ${objectName(ref)} its name in the archive.`,
    );
    this.say(
      phase,
      `ALTER ${loneTargetAt(now, now.schema, name)} SET SCHEMA ${quoteName(ARCHIVE_SCHEMA)}`,
      `Moves ${objectName(ref)}, which was not there before, into the archive.`,
    );
    this.making?.noteMoved(objectName(ref), loneTargetAt(now, ARCHIVE_SCHEMA, name));
    this.words.push(`${objectName(ref)}, which the rollback made, goes into the archive.`);
  }

  private make(entry: Pick<Entry, 'ref' | 'key'> & Partial<Entry>, before: ObjectState): void {
    const { ref, key, gone = entry.at ?? this.resting.indexOf(key) + AFTER_ALL } = entry;
    if (before.make === null) {
      this.refused.push(`${objectName(ref)} is gone, and nothing says how it was made.`);
      return;
    }
    const phase = LAST.includes(ref.type) ? 'objects-away' : before.late ? 'views' : 'objects';
    const statements = before.make;
    const make = (): void => {
      if (isRoutine(ref))
        this.say(
          phase,
          'SET LOCAL check_function_bodies = off',
          'Lets functions name what comes back later.',
        );
      for (const sql of statements) this.say(phase, sql, `Makes ${objectName(ref)} again.`);
      for (const { sql, words } of finishedSql(before)) this.say(phase, sql, words);
      for (const { sql, words } of finishedLast(before)) this.say('objects-away', sql, words);
    };
    this.makings.push({ ref, gone, statements, make });
    this.now[key] = before;
    this.words.push(`${objectName(ref)} is made again.`);
  }

  private change(entry: Entry, before: ObjectState, now: ObjectState): void {
    const { ref, key } = entry;
    // The one of before has another name by now, which it loses next.
    const left = this.facts.record.objects?.renamed.some(({ from }) => this.key(from) === key) ?? false;
    if (left && before.oid !== now.oid) {
      this.away(entry, now, 'objects');
      return;
    }
    if (ref.type === 'default privileges') {
      this.defaults(ref, before, now);
      return;
    }
    if (entry.columns && before.oid === now.oid) {
      this.columnsBack(entry.columns, ref, now);
      return;
    }
    // ON ALL TABLES says of a view that it is a table; what it is made of has an entry of its own where it changes.
    if (ref.type === 'table') {
      const { comment, owner, grants, plainGrants = [] } = before;
      for (const { sql, words } of differencesSql(
        { ...now, comment, owner, grants, plainGrants },
        now,
        objectName(ref),
      ))
        this.say('views', sql, words);
      return;
    }
    const same = isRelation(ref)
      ? withoutColumns(now) === withoutColumns(before)
      : JSON.stringify([now.make, now.more]) === JSON.stringify([before.make, before.more]);
    // One that was dropped and made again rests on columns and types that go or change on the way back.
    if (isRelation(ref) && (!same || before.oid !== now.oid)) {
      const resting = this.restingOn(now);
      this.away(entry, now, 'objects');
      this.make(entry, before);
      for (const one of resting) this.make(one, one.state);
      return;
    }
    if (before.make !== null && !same && !isRelation(ref)) {
      // A function is replaced; for the others the server has no such thing.
      if (DROPPED.includes(ref.type) && before.oid !== now.oid) this.away(entry, now, 'objects');
      if (isRoutine(ref) && before.oid === now.oid) {
        // CREATE OR REPLACE leaves owner, rights and comment as they are by now (manual, sql-createfunction).
        this.asBefore(ref, before, now);
        this.words.push(`${objectName(ref)} is as it was.`);
        return;
      }
      if (!DROPPED.includes(ref.type) || before.oid !== now.oid) {
        this.make(entry, before);
        return;
      }
    }
    const changes = differencesSql(before, now, objectName(ref));
    for (const { sql, words } of changes) this.say(isRelation(ref) ? 'views' : 'objects', sql, words);
    if (changes.length > 0) this.words.push(`${objectName(ref)} is as it was.`);
  }

  private columnsBack(
    columns: readonly { from: string; to: string }[],
    ref: ObjectRef,
    { target }: ObjectState,
  ): void {
    for (const { from, to } of [...columns].reverse())
      this.say(
        'views-away',
        `ALTER ${target} RENAME COLUMN ${quoteName(to)} TO ${quoteName(from)}`,
        `Gives column ${to} of ${objectName(ref)} the name ${from} again.`,
      );
    this.words.push(`${objectName(ref)} has the names of its columns again.`);
  }

  private defaults(ref: ObjectRef, before: ObjectState, now: ObjectState): void {
    if (rightsOf(before) === rightsOf(now)) return;
    const named = objectName(ref);
    for (const { sql, words } of defaultsSql(ref, before, now, named)) this.say('objects-away', sql, words);
    this.words.push(`The ${named} are as they were.`);
  }

  private numbers({ ref, numbers }: Entry): void {
    if (numbers === null) return;
    const schema = ref.schema ?? this.facts.record.schema;
    const place = text(quoteQualified({ schema, name: ref.name }));
    this.say(
      'finish',
      `SELECT pg_catalog.setval(CAST(${place} AS pg_catalog.regclass), a.last_value, a.is_called) FROM ${relation(ARCHIVE_SCHEMA, numbers)} AS a`,
      `Lets ${objectName(ref)} go on where it stood.`,
    );
  }
}

export interface ObjectsBack {
  words: string[];
  refused: string[];
}

/** Puts the statements into `making`; without one only says what would be done, or why it cannot be. */
export function objectsBack(facts: Facts, making: Making | null): ObjectsBack {
  const { words, refused } = new Returning(facts, making);
  return { words, refused };
}

/** Names of the types and domains that a step changed. */
export function typesOf({ objects }: StepRecord): Set<string> {
  const types = (objects?.objects ?? []).filter(({ ref }) => ref.type === 'type' || ref.type === 'domain');
  return new Set(types.map(({ ref }) => ref.name));
}
