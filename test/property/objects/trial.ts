/** One random way down, carried out by backout, taken back, and gone on with where it was broken off by hand. */
import { expectationsFrom } from '../../../src/migrations/expectations.ts';
import { stepRows } from '../../../src/postgres/store.ts';
import type { Runbook } from '../../../src/runbook/types.ts';
import type { Look } from '../../../src/runtime/look.ts';
import { intendedCatalog } from '../../../src/runtime/rollback.ts';
import { assessRisk } from '../../../src/sql/risk.ts';
import { verify } from '../../../src/sql/verify.ts';
import type { Bench } from '../../postgres/support.ts';
import {
  caseWith,
  look,
  offerOf,
  rollBack,
  runName,
  states,
  undo,
  type Case,
} from '../../sql/objects/support.ts';
import { planOfTexts } from '../../sql-undo/support.ts';
import { before } from './before.ts';
import { inventoryOf } from './inventory.ts';
import { difference, whole } from './more-dump.ts';
import { OBJECTS } from './moves-objects.ts';
import { ROWS } from './moves-rows.ts';
import { TABLES } from './moves-tables.ts';
import { randomFrom, type Random } from './random.ts';

const LONGEST = 9;

/** What came of it; `details` say more. */
export interface Outcome {
  kind: string;
  details: string[];
}

export interface Story {
  setup: string[];
  down: string[];
  outcomes: Outcome[];
}

/** Of an expectation that failed, what it found. */
const told = (error: unknown): string => {
  const found = error instanceof Error && 'actual' in error ? JSON.stringify(error.actual, null, 1) : '';
  return `${error instanceof Error ? error.message : String(error)} ${found}`;
};

/** Attempts each; those that the server took. */
async function attempts({ session }: Bench, statements: readonly string[]): Promise<string[]> {
  const taken: string[] = [];
  for (const sql of statements) {
    const done = await session.query(sql).then(
      () => true,
      () => false,
    );
    if (done) taken.push(sql);
  }
  return taken;
}

async function place({ session }: Bench, schema: string): Promise<void> {
  await session.query(`CREATE SCHEMA "${schema}_b"`);
  await session.query("SELECT set_config('search_path', $1, false)", [`"${schema}", pg_temp`]);
}

const NUMBERS = `
  SELECT format('SELECT setval(%L, %s, %L)', format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), last_value IS NOT NULL) AS sql
    FROM pg_sequences WHERE schemaname = $1`;

/** Statements that the server takes one after another and that change something; what they end in. Nothing stays. */
async function waysDown(bench: Bench, schema: string, r: Random): Promise<{ down: string[]; end: string[] }> {
  const { session } = bench;
  const { rows: numbers } = await session.query(NUMBERS, [schema]);
  const down: string[] = [];
  const length = 3 + r.number(LONGEST - 2);
  let end = await whole(session, schema);
  await session.query('BEGIN');
  for (let tries = 0; tries < 60 && down.length < length; tries += 1) {
    const move = r.pick(r.pick([TABLES, OBJECTS, OBJECTS, ROWS]) ?? []);
    const sql = move?.(await inventoryOf(session, schema), r);
    if (sql === undefined || /undefined|TABLE log\b/.test(sql)) continue;
    await session.query('SAVEPOINT one');
    try {
      await session.query(sql.replaceAll('@', schema));
      await session.query('SET CONSTRAINTS ALL IMMEDIATE');
      const now = await whole(session, schema);
      if (difference(end, now).length === 0) throw new Error('nothing changed');
      end = now;
      down.push(sql);
      await session.query('RELEASE one');
    } catch {
      await session.query('ROLLBACK TO one');
    }
  }
  await session.query('ROLLBACK');
  const again = async (): Promise<void> => {
    for (const { sql } of numbers) await session.query(String(sql));
  };
  // What was not taken has used up numbers.
  await again();
  await session.query('BEGIN');
  for (const sql of down) await session.query(sql.replaceAll('@', schema));
  end = await whole(session, schema);
  await session.query('ROLLBACK');
  await again();
  return { down, end };
}

/** Where a sequence stands when numbers were given in between: they are not taken back. */
function withoutNumbers(lines: readonly string[]): string[] {
  const stem = (line: string): string => line.replace(/^[-+] /, '').replace(/( [ft])( \d+)?$/, '$1');
  return lines.filter(
    (line) =>
      !/^[-+] sequence /.test(line) || lines.filter((other) => stem(other) === stem(line)).length !== 2,
  );
}

const say = (found: Look): string[] =>
  found.position.steps.flatMap(({ statements }) =>
    statements
      .filter(({ state }) => state !== 'applied')
      .map(({ index, state, reason }) => `${index} ${state}: ${reason}`),
  );

export class Trial {
  constructor(
    private readonly bench: Bench,
    private readonly seed: number,
  ) {}

  /** The checks that fail after a run. */
  private async checked(
    one: Case,
    found: Look,
    run: string,
    baseline: Record<string, number>,
  ): Promise<string[]> {
    const now = await look(one, run);
    const runbook = { expectations: expectationsFrom(one.plan) } as unknown as Runbook;
    const intended = intendedCatalog(found.plan, found.catalog, found.position);
    const { session } = one;
    const { checks } = await verify({
      session,
      runbook,
      plan: now.plan,
      catalog: now.catalog,
      position: now.position,
      intended,
      baseline,
    });
    return checks
      .filter(({ ok }) => !ok)
      .map(({ title, expected, found: is, detail }) => `${title}: ${expected}, found ${is} ${detail}`);
  }

  private async thereAndBack(
    one: Case,
    end: readonly string[],
    note: (kind: string, details?: string[]) => void,
  ): Promise<void> {
    const { session, schema } = one;
    const was = await whole(session, schema);
    const found = await look(one);
    const unknown = found.plan.steps.flatMap(({ statements }) =>
      statements.flatMap(({ sql, effects }) =>
        effects.flatMap((effect) => (effect.kind === 'not-understood' ? [`${sql}: ${effect.what}`] : [])),
      ),
    );
    if (unknown.length > 0) return note('not understood', unknown);
    const first = new Set(states(found));
    if (first.has('conflict')) return note('conflict at first', say(found));
    if (first.size > 1) return note('FAIL not all pending at first', [states(found).join(), ...say(found)]);
    if (first.has('applied')) return note('FAIL applied at first');
    const offer = offerOf(one, found, runName(one, 'q'));
    if (!offer.procedure) return note('refused', offer.refused);
    const risk = await assessRisk(found.plan, found.catalog, found.position, session, {
      serverVersion: 150_000,
    }).catch((error: unknown) => {
      note('FAIL risk', [told(error)]);
      return null;
    });
    let run: string;
    try {
      run = await rollBack(one);
    } catch (error) {
      return note('FAIL the run', [told(error)]);
    }
    const other = difference(end, await whole(session, schema));
    if (other.length > 0) note('FAIL ends otherwise', other);
    const wrong = await this.checked(one, found, run, risk?.rowsAfter ?? {});
    if (wrong.length > 0) note('FAIL verification', wrong);
    const [row] = await stepRows(session, run);
    const excuses = row?.detail.notUndoable ?? [];
    let words: string[];
    try {
      words = await undo(one, run);
    } catch (error) {
      return note(excuses.length > 0 ? 'undo not made, excused' : 'FAIL undo', [
        told(error).slice(0, 3000),
        ...excuses.map((text) => `said: ${text}`),
      ]);
    }
    const lost = withoutNumbers(difference(was, await whole(session, schema)));
    if (lost.length === 0) return note('there and back');
    const said = [...excuses, ...words].map((text) => `said: ${text}`);
    note(excuses.length > 0 ? 'less came back, something said' : 'FAIL less came back', [...lost, ...said]);
  }

  private async brokenOff(
    one: Case,
    down: readonly string[],
    at: number,
    end: readonly string[],
    note: (kind: string, details?: string[]) => void,
  ): Promise<void> {
    const { session, schema } = one;
    await session.query("SELECT set_config('search_path', $1, false)", [`"${schema}", pg_temp`]);
    for (const sql of down.slice(0, at)) await session.query(sql.replaceAll('@', schema));
    const found = await look(one);
    const list = states(found);
    if (list.includes('conflict')) return note('broken off: conflict', [`after ${at}`, ...say(found)]);
    if (list.includes('partial')) return note('broken off: partial', [`after ${at}`, ...say(found)]);
    const applied = list.indexOf('pending');
    if (applied >= 0 && list.slice(applied).includes('applied'))
      return note('broken off: applied after pending', [`after ${at}: ${list.join()}`, ...say(found)]);
    if (applied !== at) note('broken off: told otherwise', [`after ${at}: ${list.join()}`]);
    if (applied >= 0) {
      const offer = offerOf(one, found, runName(one, 'q'));
      if (!offer.procedure) return note('broken off: refused', offer.refused);
      try {
        await rollBack(one);
      } catch (error) {
        return note('FAIL the rest', [`after ${at}: ${list.join()}`, told(error)]);
      }
    }
    const other = withoutNumbers(difference(end, await whole(session, schema)));
    if (other.length > 0)
      return note('FAIL the rest ends otherwise', [`after ${at}: ${list.join()}`, ...other]);
    note('broken off and ended');
  }

  async run(): Promise<Story> {
    const { bench, seed } = this;
    const r = randomFrom(seed);
    const outcomes: Outcome[] = [];
    const note = (kind: string, details: string[] = []): void => void outcomes.push({ kind, details });
    const names = [`q${seed}x`, `q${seed}y`] as const;
    await caseWith(bench, names[0], [], '');
    await place(bench, names[0]);
    const setup = await attempts(bench, before(r));
    const { down, end } = await waysDown(bench, names[0], r);
    if (down.length === 0) return { setup, down, outcomes };
    const text = down.map((sql) => `${sql};`).join('\n');
    try {
      const one: Case = {
        schema: names[0],
        session: bench.session,
        plan: planOfTexts(text.replaceAll('@', names[0])),
        runs: 0,
      };
      await this.thereAndBack(one, end, note);
      if (down.length > 1 && !outcomes.some(({ kind }) => kind === 'not understood')) {
        const other = await caseWith(bench, names[1], [], text);
        await place(bench, names[1]);
        await attempts(bench, setup);
        await this.brokenOff(other, down, 1 + r.number(down.length - 1), end, note);
      }
    } catch (error) {
      note('FAIL something else', [error instanceof Error ? (error.stack ?? '') : String(error)]);
    }
    for (const name of names) {
      await bench.session.query(`DROP SCHEMA IF EXISTS "${name}", "${name}_b" CASCADE`);
    }
    return { setup, down, outcomes };
  }
}
