/**
 * Random plans, rolled back in whatever forms are offered, undone step by step, rolled back and undone once more: the
 * tables and rows are what they were. With writes of an application in between, every undo goes through or says before
 * it begins why it does not, what nobody wrote is what it was, and nothing that was written is lost.
 *
 * BACKOUT_PROPERTY_RUNS=3000 BACKOUT_PROPERTY_SEED=random npx vitest run test/property/undo.test.ts
 * BACKOUT_PROPERTY_SERVER=1 does it on the real server.
 */
import fc from 'fast-check';
import { appendFileSync, readFileSync } from 'node:fs'; // COLLECT
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allDifferences } from '../../src/sql/definition-differences.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import type { Plan } from '../../src/sql/types.ts';
import { openBench } from '../postgres/support.ts';
import { changes } from '../sql-undo/support.ts';
import { freshPglite, sessionOn } from '../support/pglite.ts';
import { anyMove, type AnyMove } from './undo-plans.ts';
import { seed as anySeed, type Seed } from './undo-seed.ts';
import { World, type Whole } from './undo-world.ts';
import { archivedMarks, marksIn, missing, write, type Write } from './undo-writes.ts';

const RUNS = Number(process.env['BACKOUT_PROPERTY_RUNS'] ?? 300);
const SEED = process.env['BACKOUT_PROPERTY_SEED'] ?? '20250101';
const LONGEST = 12;

let world: World;
let close: () => Promise<unknown>;

beforeAll(async () => {
  await loadParser();
  if (process.env['BACKOUT_PROPERTY_SERVER'] === '1') {
    const bench = await openBench();
    world = new World(bench.session);
    close = () => bench.close();
  } else {
    const db = await freshPglite();
    world = new World(sessionOn(db));
    close = () => db.close();
  }
});

afterAll(() => close());

interface Case {
  seed: Seed;
  moves: AnyMove[];
  breaks: number[];
  /** How many statements have run before the run begins. */
  began: number;
  forms: number[];
  whole: boolean;
  writes: Write[];
  /** Before which step of the rollback the writes come; after all of them by default. */
  between: number;
}

const small = fc.nat({ max: 23 });
const cases: fc.Arbitrary<Case> = fc.record({
  seed: anySeed,
  moves: fc.array(anyMove, { minLength: 1, maxLength: 6 }),
  breaks: fc.array(fc.nat(20), { maxLength: 2 }),
  began: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(6)),
  forms: fc.array(small, { minLength: 3, maxLength: 3 }),
  whole: fc.nat(3).map((one) => one === 3),
  // Half of the plans without a write.
  writes: fc
    .tuple(fc.boolean(), fc.array(fc.tuple(small, small, small, small), { minLength: 1, maxLength: 4 }))
    .map(([some, writes]) => (some ? writes : [])),
  between: fc.nat(4),
});

function planOf(sqls: readonly string[], breaks: readonly number[]): Plan {
  const places = new Set(breaks.map((one) => one % sqls.length).filter((one) => one > 0));
  const at = [...places].sort((one, other) => one - other);
  const parts = [0, ...at].map((from, i) => sqls.slice(from, at[i] ?? sqls.length));
  const steps = parts.map((part, i) => ({
    id: `step-${i + 1}`,
    title: '',
    words: '',
    statements: planFromSql(part.join(';\n')).steps[0]?.statements ?? [],
  }));
  return { steps, hash: '' };
}

const tally: Record<string, number> = {};
const count = (what: string, by = 1): void => void (tally[what] = (tally[what] ?? 0) + by);

/** What is different, views as well; the order of columns only where asked for. */
function different(before: Whole, after: Whole, columnOrder = false): string[] {
  const views = [
    ...before.views.filter((one) => !after.views.includes(one)).map((one) => `gone: view ${one}`),
    ...after.views.filter((one) => !before.views.includes(one)).map((one) => `new: view ${one}`),
  ];
  const order = columnOrder ? allDifferences(before.definitions, after.definitions, { columnOrder }) : [];
  return [...new Set([...changes(before, after), ...order, ...views])];
}

const namesOf = (state: Whole): string[] =>
  state.definitions.flatMap((one) => [
    one.name,
    ...one.indexes.map(({ name }) => name),
    ...one.sequences.map(({ name }) => name),
  ]);

class Trial {
  readonly story: string[] = [];
  private names = new Set<string>();

  constructor(
    readonly one: Case,
    readonly plan: Plan,
    readonly began: Set<string>,
    readonly before: Whole,
    readonly end: Whole,
  ) {
    for (const name of [...namesOf(before), ...namesOf(end)]) this.names.add(name);
  }

  fail(what: string, details: readonly string[] = []): never {
    throw new Error([what, ...details, '', ...this.story].join('\n'));
  }

  private async archive(): Promise<void> {
    const faults = await world.archiveFaults(this.names);
    if (faults.length > 0) this.fail('the archive', faults);
  }

  /** Null when a step has no form at all: then it says why. */
  async rollBack(run: string, pause: (at: number) => Promise<void>): Promise<number | null> {
    const { plan, one } = this;
    await world.register(run);
    const done = new Set(this.began);
    const open = plan.steps.filter(({ id, statements }) =>
      statements.some(({ index }) => !done.has(`${id} ${index}`)),
    );
    for (const [at, { id: step }] of open.entries()) {
      if (one.whole && at > 0) break;
      await pause(at);
      const pick = one.forms[at] ?? 0;
      const { forms, refused } = await world
        .rollBack(run, plan, done, { step, pick, whole: one.whole })
        .catch((error: unknown) => this.fail(`${step}: ${String(error)}`));
      this.story.push(`${run} ${one.whole ? 'whole' : step}: ${forms.join()}${refused.join(' ')}`);
      if (forms.length === 0) {
        count(`rollback refused`);
        return null;
      }
      forms.forEach((form) => count(form));
      await this.archive();
    }
    return open.length;
  }

  /** Whether every step came back. */
  async undo(run: string, id: string, quiet: boolean, writes: readonly string[]): Promise<boolean> {
    await world.register(id, run);
    const excused = await world.notUndoable(run);
    const steps = this.plan.steps
      .map(({ id: step, statements }) => ({
        step,
        open: statements.some(({ index }) => !this.began.has(`${step} ${index}`)),
      }))
      .filter(({ open }) => open)
      .reverse();
    for (const { step } of steps) {
      const held = quiet ? null : await world.state();
      const { refused, failed, sql } = await world
        .undo(run, id, step)
        .catch((error: unknown) => this.fail(`the undo of ${step} cannot be made: ${String(error)}`));
      this.story.push(`${id} ${step}:\n${sql}${refused.join(' ')}`);
      if (refused.length > 0) {
        count(quiet ? 'undo refused without a write' : 'undo refused');
        refusals.set(refused[0] ?? '', (refusals.get(refused[0] ?? '') ?? 0) + 1);
        if (quiet && excused.length === 0) this.fail(`${step} is refused: ${refused.join(' ')}`);
        return false;
      }
      if (failed) {
        if (excused.length > 0) {
          count('undo failed where it was said to be incomplete');
          return false;
        }
        if (quiet) this.fail(`the undo of ${step} fails`);
        const data = /^2[23]/.test(failed.sqlstate);
        if (!data || process.env['STRICT'] === '1') this.fail(`the undo of ${step} fails`, writes);
        count('undo failed for what was written');
        failures.push(failed.message);
        if (held && different(held, await world.state()).length > 0)
          this.fail('a failed undo leaves something');
        return false;
      }
      await this.archive();
    }
    count('undone');
    return true;
  }
}

const refusals = new Map<string, number>();
const failures: string[] = [];

/** What an undo said beforehand that it would not bring back. */
function unexcused(found: readonly string[], excuses: readonly string[]): string[] {
  if (excuses.some((one) => /not understood|no table/.test(one))) return [];
  if (excuses.some((one) => one.includes('CASCADE'))) {
    count('less came back with CASCADE, as said', found.length > 0 ? 1 : 0);
    return found.filter((one) => !/view|foreign key|constraint|FOREIGN/i.test(one));
  }
  return [...found];
}

async function holds(one: Case): Promise<void> {
  const seeded = await world.begin(one.seed);
  const { ran, end } = await world.accepted(one.moves, LONGEST);
  if (ran.length === 0) return;
  const plan = planOf(ran, one.breaks);
  const all = plan.steps.flatMap(({ id, statements }) =>
    statements.map(({ index, sql }) => ({ key: `${id} ${index}`, sql })),
  );
  const first = all.slice(0, one.began % (all.length + 1));
  for (const { sql } of first) if (!(await world.attempt(sql))) return;
  if (first.length === all.length) return;
  const before = await world.state();
  const trial = new Trial(one, plan, new Set(first.map(({ key }) => key)), before, end);
  trial.story.push(
    ...seeded.map((sql) => `${sql};`),
    ...plan.steps.flatMap(({ id, statements }) => [`-- ${id}`, ...statements.map(({ sql }) => `${sql};`)]),
    `-- begun: ${first.length}`,
  );
  count('plans');
  const quiet = one.writes.length === 0;
  await (quiet ? quietly(trial) : written(trial));
}

async function quietly(trial: Trial): Promise<void> {
  const sequences = await world.sequences();
  const nothing = (): Promise<void> => Promise.resolve();
  for (const [run, undo] of [
    ['20260101-0000-aaaa', '20260101-0001-bbbb'],
    ['20260101-0002-cccc', '20260101-0003-dddd'],
  ] as const) {
    await world.setSequences(sequences);
    if ((await trial.rollBack(run, nothing)) === null) return;
    const ended = different(trial.end, await world.state(), true);
    // The undo before may have left columns and rows in another order, and numbers are given in that of the rows.
    const numbered = trial.end.definitions.some(({ sequences: all }) => all.length > 0);
    const again = async (): Promise<string[]> =>
      numbered
        ? allDifferences(trial.end.definitions, (await world.state()).definitions)
        : different(trial.end, await world.state());
    const told = run === '20260101-0000-aaaa' ? ended : await again();
    if (told.length > 0) trial.fail(`${run} ends otherwise`, told);
    const excuses = await world.notUndoable(run);
    if (!(await trial.undo(run, undo, true, []))) return;
    const found = unexcused(different(trial.before, await world.state()), excuses);
    if (found.length > 0) trial.fail(`${undo} brings back something else`, found);
    if (excuses.some((one) => /CASCADE|not understood|no table/.test(one))) return;
  }
  count('rolled back and undone twice');
}

async function written(trial: Trial): Promise<void> {
  const { one, before } = trial;
  const run = '20260101-0000-aaaa';
  let touched = 0;
  let said: string[] = [];
  const writeNow = async (): Promise<void> => {
    const was = await world.state();
    said = await write(world.session, one.writes, 0, () => world.state());
    const is = await world.state();
    touched += missing(was.rows, is.rows);
    trial.story.push(...said.map((sql) => `written: ${sql}`));
  };
  const steps = await trial
    .rollBack(run, (at) => (at === one.between && at > 0 ? writeNow() : Promise.resolve()))
    .catch((error: unknown) => {
      // What was written in the middle may be what the rest of the plan cannot do with.
      if (
        said.length > 0 &&
        /duplicate|violates|invalid|out of range|too long|null values|could not create unique|cannot/.test(
          String(error),
        )
      )
        return null;
      throw error;
    });
  if (steps === null) return;
  if (said.length === 0) await writeNow();
  if (said.length === 0) return;
  const marks = marksIn((await world.state()).rows);
  const excuses = await world.notUndoable(run);
  const full = await trial.undo(run, '20260101-0001-bbbb', false, said);
  const after = await world.state();
  const [here, kept] = [marksIn(after.rows), await archivedMarks(world.session)];
  const lost = [...marks].filter(([mark]) => !here.has(mark) && !kept.has(mark));
  if (lost.length > 0)
    trial.fail(
      'written and lost',
      lost.map(([mark, table]) => `${mark} of ${table}`),
    );
  count('marks', marks.size);
  count('marks in place', [...marks].filter(([mark]) => here.has(mark)).length);
  if (!full) return;
  if (excuses.some((each) => /not understood|no table/.test(each))) return;
  const gone = missing(before.rows, after.rows);
  if (gone > touched)
    trial.fail(`${gone} rows are not what they were, ${touched} were written`, different(before, after));
  const definitions = unexcused(allDifferences(before.definitions, after.definitions), excuses);
  if (definitions.length > 0) trial.fail('definitions, after writes', definitions);
  count('undone with writes');
}

test(
  `${RUNS} plans rolled back, undone, rolled back again`,
  async () => {
    const property = fc.asyncProperty(cases, async (one) => {
      const to = process.env['COLLECT'];
      if (!to) return holds(one);
      await holds(one).catch((error: unknown) => {
        count('FAILED');
        appendFileSync(
          to,
          `=====CASE ${JSON.stringify(one)}\n${error instanceof Error ? error.message : String(error)}\n`,
        );
      });
    });
    const seed = SEED === 'random' ? {} : { seed: Number(SEED) };
    try {
      await fc.assert(property, { numRuns: RUNS, ...seed });
    } finally {
      console.info(JSON.stringify(tally), [...refusals], failures.slice(0, 30));
    }
    expect(tally['rolled back and undone twice']).toBeGreaterThan(RUNS / 8);
    expect(tally['undone with writes']).toBeGreaterThan(RUNS / 8);
  },
  RUNS * 2000,
);

test.runIf(process.env['REPLAY'])(
  'REPLAY',
  async () => {
    const [file = '', ...numbers] = (process.env['REPLAY'] ?? '').split(':');
    const all = readFileSync(file, 'utf8').split('=====CASE ').slice(1);
    for (const at of numbers) {
      const one = JSON.parse(all[Number(at)]?.split('\n')[0] ?? '') as Case;
      await holds(one).then(
        () => console.log(`#### ${at} holds`),
        (error: unknown) =>
          console.log(
            `#### ${at}\n${error instanceof Error ? error.stack + '\n' + String((error.cause as Error)?.stack) : String(error)}`,
          ),
      );
    }
  },
  600_000,
);
