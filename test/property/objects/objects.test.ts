/**
 * Random ways down over tables, rows and everything beside them, on a real server.
 *
 * BACKOUT_OBJECTS_SEEDS=1000-1400 (or BACKOUT_OBJECTS_LIST=7,12) BACKOUT_OBJECTS_FOUND=FILE npx vitest run test/property/objects
 */
import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../../src/sql/parse.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { ROLES } from './before.ts';
import { Trial } from './trial.ts';

/**
 * What they find is not mended yet, and fails with nothing lost: a trigger made in the step in which its function goes
 * with CASCADE (4); triggers of foreign keys switched in a step whose undo makes the keys anew (37, 49); a default that
 * goes with its sequence (28), or a materialised view with a column of its table (45), which verification does not expect.
 */
const KNOWN = [4, 28, 37, 45, 49];
const CHEAP = [1, 2, 3, 6, 10, 12, 14, 20, 21, 103, 111, 139];

const between = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);
const asked = process.env['BACKOUT_OBJECTS_SEEDS']?.split('-').map(Number);
const LIST = process.env['BACKOUT_OBJECTS_LIST']?.split(',').map(Number);
const SEEDS =
  LIST ??
  (asked
    ? between(asked[0] ?? 1, asked[1] ?? 12)
    : process.env['BACKOUT_TEST'] === 'all'
      ? between(1, 60).filter((seed) => !KNOWN.includes(seed))
      : CHEAP);
const FOUND = process.env['BACKOUT_OBJECTS_FOUND'];

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
  for (const role of ROLES) await bench.session.query(`CREATE ROLE ${role}`);
});
afterAll(async () => {
  for (const role of ROLES) await bench.session.query(`DROP OWNED BY ${role} CASCADE`);
  for (const role of ROLES) await bench.session.query(`DROP ROLE ${role}`);
  await bench.close();
});

test(
  `${SEEDS.length} ways down, there, back, and broken off`,
  async () => {
    const counts: Record<string, number> = {};
    for (const seed of SEEDS) {
      const { setup, down, outcomes } = await new Trial(bench, seed).run();
      for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
      const failed = outcomes.filter(({ kind }) => kind.startsWith('FAIL'));
      if (FOUND === undefined) {
        expect(failed, [...setup, '--', ...down].join(';\n')).toEqual([]);
        continue;
      }
      const story = outcomes
        .filter(({ kind }) => kind !== 'there and back' && kind !== 'broken off and ended')
        .map(({ kind, details }) => `## ${kind}\n${details.map((line) => `   ${line}`).join('\n')}`);
      if (story.length > 0)
        appendFileSync(
          FOUND,
          `===== ${seed}\n${setup.join(';\n')};\n-- down\n${down.join(';\n')};\n${story.join('\n')}\n`,
        );
    }
    if (FOUND === undefined) {
      // Where most were refused or conflicts, little would have been shown.
      expect(counts['there and back'] ?? 0).toBeGreaterThan(SEEDS.length / 3);
      expect(counts['broken off and ended'] ?? 0).toBeGreaterThan(SEEDS.length / 2);
    } else appendFileSync(FOUND, `TALLY ${JSON.stringify(counts)}\n`);
  },
  SEEDS.length * 20_000,
);
