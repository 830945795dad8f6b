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

const [FROM = 1, TO = 12] = (process.env['BACKOUT_OBJECTS_SEEDS'] ?? '1-12').split('-').map(Number);
const LIST = process.env['BACKOUT_OBJECTS_LIST']?.split(',').map(Number);
const SEEDS = LIST ?? Array.from({ length: TO - FROM + 1 }, (_, at) => FROM + at);
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
    console.info(JSON.stringify(counts, null, 1));
    if (FOUND !== undefined) appendFileSync(FOUND, `TALLY ${JSON.stringify(counts)}\n`);
  },
  SEEDS.length * 20_000,
);
