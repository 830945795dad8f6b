/**
 * Random plans, rolled back in whatever forms are offered, undone step by step, rolled back and undone once more: the
 * tables and rows are what they were. With writes of an application in between, every undo goes through or leaves all as
 * it is, what nobody wrote is what it was, and nothing that was written is lost.
 *
 * BACKOUT_PROPERTY_RUNS=3000 BACKOUT_PROPERTY_SEED=random npx vitest run test/property/undo.test.ts
 * With BACKOUT_PROPERTY_SERVER=1 on the real server; with BACKOUT_PROPERTY_FOUND=FILE every plan that fails is written
 * into the file, and the test goes on.
 */
import fc from 'fast-check';
import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { openBench } from '../postgres/support.ts';
import { freshPglite, sessionOn } from '../support/pglite.ts';
import { planOf } from './steps.ts';
import { anyMove, type AnyMove } from './undo-plans.ts';
import { seed as anySeed, type Seed } from './undo-seed.ts';
import { Tally, Trial, type Choices } from './undo-trial.ts';
import { World } from './undo-world.ts';

const RUNS = Number(process.env['BACKOUT_PROPERTY_RUNS'] ?? 60);
/** The same plans each time, so that a change is judged by what it changes; `random` looks for new ones. */
const SEED = process.env['BACKOUT_PROPERTY_SEED'] ?? '20250101';
const FOUND = process.env['BACKOUT_PROPERTY_FOUND'];
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

interface Case extends Choices {
  seed: Seed;
  moves: AnyMove[];
  breaks: number[];
  /** How many statements have run before the run begins. */
  began: number;
}

const small = fc.nat({ max: 23 });
const cases: fc.Arbitrary<Case> = fc.record({
  seed: anySeed,
  moves: fc.array(anyMove, { minLength: 1, maxLength: 6 }),
  breaks: fc.array(fc.nat(20), { maxLength: 2 }),
  began: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(6)),
  forms: fc.array(small, { minLength: 3, maxLength: 3 }),
  twice: fc.nat(2).map((one) => one === 0),
  whole: fc.nat(3).map((one) => one === 3),
  // Half of the plans without a write.
  writes: fc
    .tuple(fc.boolean(), fc.array(fc.tuple(small, small, small, small), { minLength: 1, maxLength: 4 }))
    .map(([some, writes]) => (some ? writes : [])),
  between: fc.nat(4),
});

const tally = new Tally();

async function holds(one: Case): Promise<void> {
  const seeded = await world.begin(one.seed);
  const { ran, end } = await world.accepted(one.moves, LONGEST);
  if (ran.length === 0) return;
  const plan = planOf(ran, one.breaks);
  const all = plan.steps.flatMap(({ id, statements }) =>
    statements.map(({ index, sql }) => ({ key: `${id} ${index}`, sql })),
  );
  const begun = all.slice(0, one.began % all.length);
  for (const { sql } of begun) if (!(await world.attempt(sql))) return;
  const keys = new Set(begun.map(({ key }) => key));
  const trial = new Trial(world, tally, one, plan, keys, await world.state(), end, seeded);
  tally.add('plans');
  await (one.writes.length === 0 ? trial.quietly() : trial.written());
}

async function orCollected(one: Case): Promise<void> {
  await holds(one).catch((error: unknown) => {
    if (FOUND === undefined) throw error;
    tally.add('plans that fail');
    const told = error instanceof Error ? error.message : String(error);
    appendFileSync(FOUND, `=====CASE ${JSON.stringify(one)}\n${told}\n`);
  });
}

test(
  `${RUNS} plans rolled back, undone, rolled back again`,
  async () => {
    const seed = SEED === 'random' ? {} : { seed: Number(SEED) };
    await fc.assert(fc.asyncProperty(cases, orCollected), { numRuns: RUNS, ...seed });
    console.info(JSON.stringify(tally.counts, null, 1));
    // Where most were refused, little would have been shown.
    expect(tally.counts['rolled back and undone twice']).toBeGreaterThan(RUNS / 16);
    expect(tally.counts['undone with writes']).toBeGreaterThan(RUNS / 12);
  },
  RUNS * 5000,
);
