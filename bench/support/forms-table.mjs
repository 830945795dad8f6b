// What forms.mjs found out, as text.
import { median } from './statistics.mjs';

/** What is to be reached, as a share of what psql takes. Copy-and-swap closes the table for less than 100 ms. */
const TARGETS = {
  'copy-and-swap': { seconds: 0.45, wal: 0.45, closed: 0.1 },
  'rewrite-bare': { seconds: 0.5, wal: 0.5 },
  'as-written-bare': { seconds: 1.05 },
};

const range = (values, digits = 2) =>
  `${Math.min(...values).toFixed(digits)} … ${Math.max(...values).toFixed(digits)}`;

const MEASURES = [
  { key: 'seconds', name: 'time', unit: 's', digits: 2 },
  { key: 'wal', name: 'WAL', unit: 'MiB', digits: 0 },
  { key: 'processor', name: 'processor', unit: 's', digits: 2 },
  { key: 'closed', name: 'ACCESS EXCLUSIVE', unit: 's', digits: 3 },
];

/**
 * @param {{ name: string }[]} variants
 * @param {Map<string, { ours: Record<string, number>, psql: Record<string, number> }>[]} pairs
 */
export function printForms(variants, pairs) {
  for (const { name } of variants) {
    const both = pairs.map((pair) => pair.get(name));
    console.log(`\n${name} against psql`);
    for (const { key, name: measure, unit, digits } of MEASURES) {
      const [ours, theirs] = [both.map((one) => one.ours[key]), both.map((one) => one.psql[key])];
      const ratios = ours.map((value, index) => value / theirs[index]);
      console.log(
        `  ${measure.padEnd(18)} ${median(ours).toFixed(digits)} ${unit} against ${median(theirs).toFixed(digits)} ${unit},` +
          ` ratio ${median(ratios).toFixed(3)} (${range(ratios, 3)})`,
      );
    }
    const atMost = both.map(({ ours }) => ours.closedAtMost);
    console.log(
      `  at most            ${median(atMost).toFixed(3)} s closed, from LOCK sent to COMMIT answered (${range(atMost, 3)})`,
    );
    const looks = both.map(({ ours }) => ours.looking);
    console.log(`  look before        ${median(looks).toFixed(2)} s, nothing closed (${range(looks)})`);
    const same = both.every(({ ours, psql }) => ours.contents === psql.contents);
    console.log(`  rows               ${same ? 'the same as psql leaves' : 'NOT THE SAME as psql leaves'}`);
  }
  printTargets(pairs);
}

function printTargets(pairs) {
  console.log('\nTargets');
  for (const [name, wanted] of Object.entries(TARGETS)) {
    const both = pairs.flatMap((pair) => pair.get(name) ?? []);
    if (both.length === 0) continue;
    for (const [key, limit] of Object.entries(wanted)) {
      // The bound that is sure is the one that counts: polling may miss the ends.
      const found =
        key === 'closed'
          ? Math.max(...both.map(({ ours }) => ours.closedAtMost))
          : median(both.map(({ ours, psql }) => ours[key] / psql[key]));
      const what = { seconds: 'time', wal: 'WAL', closed: 'seconds closed' }[key];
      console.log(
        `  ${name.padEnd(16)} ${what.padEnd(14)} ${found.toFixed(3)} of at most ${limit.toFixed(2)}: ${found <= limit ? 'reached' : 'MISSED'}`,
      );
    }
  }
}

/** @param {[string, Awaited<ReturnType<import('./meter.mjs').withTraffic>>][]} rows */
export function printTraffic(rows) {
  console.log('\nLongest wait of one reader and one writer during the step');
  for (const [name, { read, written }] of rows) {
    console.log(
      `  ${name.padEnd(16)} read ${read.seconds.toFixed(3)} s (${read.calls} calls), write ${written.seconds.toFixed(3)} s (${written.calls} calls)`,
    );
  }
}

/** @param {string} name @param {{ seconds: number, seen: { sql: string, seconds: number, wal: number, processor: number }[] }} result */
export function printActions(name, { seconds, seen }) {
  console.log(
    `\n${name}: ${seconds.toFixed(2)} s with the questions in between; each action: time, processor, WAL`,
  );
  for (const { sql, seconds: taken, wal, processor } of seen) {
    if (taken < 0.005 && wal < 0.1) continue;
    const text = sql.replaceAll(/\s+/g, ' ').slice(0, 120);
    console.log(
      `  ${taken.toFixed(3).padStart(8)} s ${processor.toFixed(2).padStart(7)} s ${wal.toFixed(1).padStart(7)} MiB  ${text}`,
    );
  }
}
