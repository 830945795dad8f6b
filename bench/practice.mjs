// Practice: from the start to the list and to a drill's first question, each against a bare `node` start, and how long the next drill takes when its database was made
// ready meanwhile; what the second database costs in memory. node bench/practice.mjs [--rounds 5]
import pty from '@lydell/node-pty';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTypeScript, root } from '../scripts/load-typescript.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), 'backout-bench-'));
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const ms = (numbers) =>
  `median ${Math.round(median(numbers))} ms, worst ${Math.round(Math.max(...numbers))} ms`;

/** Until these words stand there. @param {string[]} given @param {RegExp} words */
function until(given, words) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const env = { ...process.env, CI: 'false', TERM: 'xterm-256color', XDG_STATE_HOME: folder };
    const args = [join(root, 'bin', 'backout.js'), 'practice', ...given];
    const child = pty.spawn(process.execPath, args, { cols: 80, rows: 24, env });
    let seen = '';
    let took = null;
    child.onData((data) => {
      seen += data;
      if (took !== null || !words.test(seen)) return;
      took = performance.now() - began;
      child.kill('SIGTERM');
    });
    child.onExit(() => (took === null ? reject(new Error(`no question: ${seen}`)) : resolve(took)));
  });
}

const empty = join(folder, 'empty.mjs');
writeFileSync(empty, '');

function bareNode() {
  const began = performance.now();
  spawnSync(process.execPath, [empty]);
  return performance.now() - began;
}

/** @type {[string, string[], RegExp][]} */
const starts = [
  ['start to the list of drills', [], /Which one\?/],
  // The story is the first question: its database is made ready while it is read.
  ['start to the first question of a drill', ['calm'], /Enter begins/],
];
for (const [name, given, words] of starts) {
  const ours = [];
  const bare = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(bareNode());
    ours.push(await until(given, words));
  }
  const ratio = median(ours.map((took, at) => took / bare[at]));
  console.log(`${name}: ${ms(ours)}, ${ratio.toFixed(1)} times a bare start of node`);
}

const { startEmbedded, stageDrill, loadDrill } = await loadTypeScript([
  'src/practice/embedded.ts',
  'src/practice/drill/stage.ts',
  'src/practice/drill/read.ts',
]);
const assets = new URL('../dist/practice/', import.meta.url);
const drills = join(root, 'runbooks', '20250101000014-align-schema-table-names', 'drills');
const drill = await loadDrill(join(drills, readdirSync(drills).sort()[0]));
const other = {
  runbook: { path: '', title: '', sha256: '', migration: null },
  plan: { hash: '' },
  version: '0',
};
/** @param {Promise<unknown>} embedded */
const staged = (embedded) =>
  stageDrill(drill, { ...other, embedded: () => embedded, home: '', osUser: 'nobody' });
try {
  const resets = [];
  const alone = await staged(startEmbedded({ assets }));
  const one = process.memoryUsage().rss;
  const spare = await startEmbedded({ assets });
  const two = process.memoryUsage().rss;
  await spare.stop();
  await alone.stop();
  for (let round = 0; round < rounds; round += 1) {
    const ready = await startEmbedded({ assets });
    const began = performance.now();
    const next = await staged(Promise.resolve(ready));
    resets.push(performance.now() - began);
    await next.stop();
  }
  console.log(`the next drill, its database made ready meanwhile: ${ms(resets)}`);
  console.log(`the database that is kept ready: ${Math.round((two - one) / 1e6)} MB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
