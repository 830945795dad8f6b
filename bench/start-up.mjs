// Start-up, each against a bare `node` start, in turn: --version, --help, and the first frame of the wizard.
// node bench/start-up.mjs [--pairs 15]
import pty from '@lydell/node-pty';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printPairs } from './support/statistics.mjs';

const { values } = parseArgs({ options: { pairs: { type: 'string', default: '15' } } });
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'bin', 'backout.js');
const folder = mkdtempSync(join(tmpdir(), 'backout-bench-'));
const empty = join(folder, 'empty.mjs');
writeFileSync(empty, '');

/** @param {string[]} args */
function whole(args) {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return (performance.now() - began) / 1000;
}

/** Until the header's word stands on the screen. @param {string[]} args */
function firstFrame(args) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const env = { ...process.env, CI: 'false', TERM: 'xterm-256color', XDG_STATE_HOME: folder };
    const child = pty.spawn(process.execPath, args, { cols: 80, rows: 24, env });
    let seen = '';
    let seconds = null;
    child.onData((data) => {
      seen += data;
      if (seconds !== null || !/PRACTICE|PRODUCTION/.test(seen)) return;
      seconds = (performance.now() - began) / 1000;
      child.kill('SIGTERM');
    });
    child.onExit(() => (seconds === null ? reject(new Error(`no frame: ${seen}`)) : resolve(seconds)));
  });
}

const cases = {
  'backout --version': () => whole([bin, '--version']),
  'backout --help': () => whole([bin, '--help']),
  // A port where nothing listens: what is measured is the program, not a server.
  'first frame of the wizard': () =>
    firstFrame([bin, '--database', 'postgres://nobody@127.0.0.1:1/none?connect_timeout=1']),
};

try {
  for (const [name, measure] of Object.entries(cases)) {
    const ours = [];
    const bare = [];
    await measure();
    for (let pair = 0; pair < Number(values.pairs); pair += 1) {
      bare.push(whole([empty]));
      ours.push(await measure());
    }
    printPairs(name, ours, bare);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
