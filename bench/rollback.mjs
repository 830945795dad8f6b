// The shipped runbook's steps on a large database: run by backout, and the same statements run by psql, in turn.
// node bench/rollback.mjs [--rows 1000000] [--pairs 3] [--technologies 2000] [--only psql|backout]
//   [--forms as-written|recommended] [--slow MILLISECONDS]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import '../scripts/ensure-built.mjs';
import { load, root } from './support/load.mjs';
import { endOf, oneLine, slowest, spentKeeping, spentOn, statementsSince } from './support/log.mjs';
import { startServer } from './support/server.mjs';
import { median, printPairs, spread } from './support/statistics.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    pairs: { type: 'string', default: '3' },
    technologies: { type: 'string', default: '2000' },
    only: { type: 'string' },
    forms: { type: 'string', default: 'as-written' },
    slow: { type: 'string' },
  },
});
const runbookFile = join(root, 'runbooks', '20250101000014-align-schema-table-names.md');

const { readRunbook, planOf, loadParser } = await load([
  'src/runbook/read.ts',
  'src/sql/plan.ts',
  'src/sql/parse.ts',
]);

await loadParser();
const plan = planOf(await readRunbook(runbookFile));
const own = new Set(plan.steps.flatMap(({ statements }) => statements.map(({ sql }) => oneLine(sql))));

const folder = mkdtempSync(join(tmpdir(), 'backout-bench-'));
const sizes = { rows: Number(options.rows), technologies: Number(options.technologies) };
const made = performance.now();
const { cluster, psql: psqlProgram, log, onCopy, stop } = await startServer({ ...sizes, logged: true });

/** @param {string} program @param {string[]} args */
function run(program, args) {
  const env = { ...process.env, PGPASSWORD: cluster.password, XDG_STATE_HOME: join(folder, 'state') };
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const whole = (performance.now() - began) / 1000;
  if (status !== 0)
    throw new Error(`${program} ${args[0]} ended with ${status}: ${stderr}\n${stdout.slice(-2000)}`);
  return { stdout, whole };
}

/** One transaction a step; each statement's time, and COMMIT's, is taken by psql itself. */
function psqlScript() {
  const steps = plan.steps.map(({ statements }) => {
    const texts = ['BEGIN', ...statements.map(({ sql }) => sql), 'COMMIT'];
    return texts.map((sql) => `${sql}\n;\n`).join('');
  });
  const file = join(folder, 'steps.sql');
  writeFileSync(file, `\\timing on\n${steps.join('\\echo step\n')}`);
  return file;
}

/** @param {string} script */
const byPsql = (script) =>
  onCopy((name) => {
    const target = ['-h', cluster.host, '-p', String(cluster.port), '-U', cluster.user, '-d', name];
    const before = endOf(log);
    const { stdout, whole } = run(psqlProgram, [
      '-X',
      '-q',
      '-v',
      'ON_ERROR_STOP=1',
      ...target,
      '-f',
      script,
    ]);
    const steps = stdout
      .split(/^step$/m)
      .map(
        (part) =>
          [...part.matchAll(/^Time: ([\d.]+) ms/gm)].reduce((sum, [, ms]) => sum + Number(ms), 0) / 1000,
      );
    return { steps, whole, server: spentOn(statementsSince(log, before, 'psql'), own) };
  });

const url = (name) => `postgresql://${cluster.user}@${cluster.host}:${cluster.port}/${name}`;
const bin = join(root, 'bin', 'backout.js');

/** What `backout plan` says has to be answered. */
const answers = () =>
  onCopy((name) => {
    const { stdout, whole } = run(process.execPath, [bin, 'plan', '--json', '--database', url(name)]);
    const plan = JSON.parse(stdout);
    const warned = plan.prerequisites.filter(({ status }) => status === 'warn');
    const flags = [
      ...warned.flatMap(({ id }) => ['--accept', id]),
      ...plan.recommendation.toAsk.flatMap(({ id }) => ['--answer', `${id}=unknown`]),
    ];
    return { flags: [...flags, ...forms], whole };
  });

/** Other forms run other statements: they are compared with psql by forms.mjs. */
const forms =
  options.forms === 'recommended' ? [] : plan.steps.flatMap(({ id }) => ['--form', `${id}=${options.forms}`]);

/** @param {string[]} flags */
const byBackout = (flags) =>
  onCopy((name) => {
    const given = ['--confirm', name, '--choose', 'rollback', '--reason', 'benchmark', ...flags, '--json'];
    const began = Date.now();
    const before = endOf(log);
    const { stdout, whole } = run(process.execPath, [bin, 'run', '--database', url(name), ...given]);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const statements = statementsSince(log, before, 'backout');
    return {
      steps: finished(events).map(({ seconds }) => seconds),
      whole,
      server: spentOn(statements, own),
      keeping: spentKeeping(statements),
      parts: partsOf(events, began),
      slow: options.slow ? slowest(statements, Number(options.slow) / 1000) : [],
    };
  });

const finished = (events) => events.filter(({ type }) => type === 'step-finished');

/** Where the time of the whole process went, from the times in the journal. */
function partsOf(events, began) {
  const at = (event) => (Date.parse(event.at) - began) / 1000;
  const first = (type) => at(events.find((event) => event.type === type));
  const steps = finished(events);
  const confirms = events.filter(({ type }) => type === 'step-confirmed');
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return {
    'start and connect': first('connected'),
    'prerequisites and survey': first('prerequisites') - first('connected'),
    'evidence and decision': at(confirms[0]) - first('prerequisites'),
    'the steps themselves': sum(steps.map(({ seconds }) => seconds)),
    'looks and surveys around the steps': sum(
      steps.map((end, index) => at(end) - at(confirms[index]) - end.seconds),
    ),
    verification: first('verification') - at(steps.at(-1)),
  };
}

const sum = (steps) => steps.reduce((total, seconds) => total + seconds, 0);

function print(psql, backout) {
  const row = (name, of) => {
    if (psql.length > 0 && backout.length > 0) return printPairs(name, backout.map(of), psql.map(of));
    const values = [...psql, ...backout].map(of);
    console.log(`${name.padEnd(34)} median ${median(values).toFixed(3)} s (${spread(values)})`);
  };
  row('the steps, backout against psql', ({ steps }) => sum(steps));
  if (psql.length > 0 && backout.length > 0) {
    const fastest = (runs) => Math.min(...runs.map((one) => sum(one.steps)));
    console.log(
      `${'  the fastest of each'.padEnd(34)} ratio ${(fastest(backout) / fastest(psql)).toFixed(2)}`,
    );
  }
  const [{ steps }] = [...psql, ...backout];
  for (const index of steps.keys()) row(`  step ${index + 1}`, (one) => one.steps[index]);
  row("  the server's time on their SQL", ({ server }) => server);
  for (const [name, runs] of Object.entries({ psql, backout })) {
    if (runs.length === 0) continue;
    const added = runs.map((one) => sum(one.steps) - one.server - (one.keeping ?? 0));
    const share = median(added.map((seconds, index) => seconds / runs[index].server));
    console.log(
      `${`  what ${name} adds to that`.padEnd(34)} median ${median(added).toFixed(3)} s (${spread(added)}),` +
        ` ${(100 * share).toFixed(2)} %`,
    );
  }
  row('the whole process', ({ whole }) => whole);
  if (backout.length === 0) return;
  const keeping = backout.map((one) => one.keeping);
  console.log(
    `${'  for the archive and the journal'.padEnd(34)} median ${median(keeping).toFixed(3)} s (${spread(keeping)})`,
  );
  console.log('\nWhere the time of backout goes:');
  for (const part of Object.keys(backout[0].parts)) {
    const values = backout.map(({ parts }) => parts[part]);
    console.log(`  ${part.padEnd(36)} median ${median(values).toFixed(3)} s (${spread(values)})`);
  }
  const known = backout.map(({ whole, parts }) => whole - sum(Object.values(parts)));
  console.log(`  ${'report and leaving'.padEnd(36)} median ${median(known).toFixed(3)} s (${spread(known)})`);
  if (!options.slow) return;
  console.log(`\nStatements of the last run that took more than ${options.slow} ms:`);
  for (const { seconds, times, sql } of backout.at(-1).slow) {
    console.log(`  ${seconds.toFixed(3)} s in ${times}: ${sql.slice(0, 400)}`);
  }
}

try {
  console.log(`${options.rows} rows made in ${((performance.now() - made) / 1000).toFixed(0)} s`);
  const script = psqlScript();
  const { flags, whole } = await answers();
  console.log(`backout plan: ${whole.toFixed(3)} s`);
  const psql = [];
  const backout = [];
  for (let pair = 0; pair < Number(options.pairs); pair += 1) {
    const turns = [
      async () => options.only !== 'backout' && psql.push(await byPsql(script)),
      async () => options.only !== 'psql' && backout.push(await byBackout(flags)),
    ];
    // Each is first in every other pair: whoever comes second finds another disk than the first.
    for (const turn of pair % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  print(psql, backout);
} finally {
  await stop();
  rmSync(folder, { recursive: true, force: true });
}
