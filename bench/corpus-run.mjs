// Real down migrations of golang-migrate carried out on a real server: by psql, by backout, and undone by backout.
// node bench/corpus-run.mjs FOLDER [--every 1] [--from 0] [--limit 50] [--examples]
// FOLDER holds the .up.sql and .down.sql files of one project. Counts alone are printed; --examples adds, for oneself,
// which file came out how.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import pg from 'pg';
import { contents, fill } from './support/filled.mjs';
import { load, root } from './support/load.mjs';

const run = promisify(execFile);
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    every: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    limit: { type: 'string', default: '50' },
    examples: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('Name the folder that holds the migrations.');

const { startCluster, pgBin } = await load(['test/support/cluster.ts', 'test/support/binaries.ts']);
const cluster = await startCluster({ fsync: 'off', autovacuum: 'off' });
const state = mkdtempSync(join(tmpdir(), 'backout-corpus-'));
const env = { ...process.env, XDG_STATE_HOME: state, XDG_CONFIG_HOME: state };

async function connected(database, work) {
  const client = new pg.Client({ connectionString: cluster.url(database) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const psql = (database, ...args) =>
  run(pgBin('psql'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...args, cluster.url(database)], { env });

const backout = (...args) =>
  run(process.execPath, [join(root, 'bin/backout.js'), ...args], {
    env,
    cwd: state,
    maxBuffer: 2 ** 28,
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );

/** In one transaction, but for what cannot be in one. */
const applied = (database, path) =>
  psql(database, ...(/\bconcurrently\b/i.test(readFileSync(path, 'utf8')) ? [] : ['-1']), '-f', path);

async function copy(from, to) {
  await connected('postgres', async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${to} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${to} TEMPLATE ${from}`);
  });
}

/** Everything a database holds but ours, in lines that do not depend on the order of columns. */
async function all(database) {
  const { stdout } = await run(
    pgBin('pg_dump'),
    ['-s', '-N', 'backout', '-N', 'backout_archive', '-T', 'schema_migrations', cluster.url(database)],
    { env, maxBuffer: 2 ** 28 },
  );
  const lines = stdout
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''))
    .filter((line) => line !== '' && !/^(--|SELECT pg_catalog.set_config|\\(un)?restrict)/.test(line));
  return [...lines.sort(), ...(await connected(database, contents))];
}

function difference(one, other) {
  const left = new Set(other);
  const right = new Set(one);
  return [
    ...one.filter((line) => !left.has(line)).map((line) => `- ${line}`),
    ...other.filter((line) => !right.has(line)).map((line) => `+ ${line}`),
  ];
}

const outcomes = new Map();
const heard = [];
function count(outcome, file, why = []) {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if (options.examples) {
    console.log(`${outcome}: ${file}`);
    for (const line of why.slice(0, 8)) console.log(`    ${line.slice(0, 200)}`);
  }
  heard.push(outcome);
}

async function takeBack(down, version) {
  const path = join(folder, down);
  await copy('base', 'filled');
  await connected('filled', fill);
  await copy('filled', 'truth');
  try {
    await applied('truth', path);
  } catch (error) {
    return count('fails by itself', down, String(error.stderr).split('\n'));
  }
  const [before, wanted] = [await all('filled'), await all('truth')];
  await copy('filled', 'taken');
  const url = cluster.url('taken');
  const plan = await backout('plan', path, '--database', url, '--json');
  const look = (() => {
    try {
      return JSON.parse(plan.stdout);
    } catch {
      return null;
    }
  })();
  if (!look) return count(`not planned (${plan.code})`, down, plan.stderr.split('\n'));
  const consents = ['privileges', 'backup', 'undo'].flatMap((id) => ['--accept', id]);
  const failed = look.prerequisites.filter(({ status }) => status === 'fail');
  if (failed.length > 0)
    return count(
      'refused before anything ran',
      down,
      failed.map((one) => JSON.stringify(one)),
    );
  const accepted = look.prerequisites
    .filter(({ status }) => status === 'warn')
    .flatMap(({ id }) => ['--accept', id]);
  const ran = await backout(
    'run',
    path,
    '--database',
    url,
    '--confirm',
    'taken',
    '--choose',
    'rollback',
    ...accepted,
  );
  if (ran.code !== 0) {
    const untouched = difference(before, await all('taken')).length === 0;
    const words = `ended with ${ran.code}, ${untouched ? 'nothing changed' : 'CHANGED'}`;
    return count(
      words,
      down,
      `${ran.stdout}${ran.stderr}`.split('\n').filter((line) => /✗|!!|fail|not /i.test(line)),
    );
  }
  const after = difference(wanted, await all('taken'));
  if (after.length > 0) return count('another end than by psql', down, after);
  const { rows } = await connected('taken', (client) =>
    client.query('SELECT run FROM backout.run ORDER BY started_at DESC LIMIT 1'),
  );
  const undone = await backout(
    ...['undo', rows[0].run, '--database', url, '--confirm', 'taken'],
    ...consents,
  );
  if (undone.code !== 0)
    return count(
      `same end as by psql; undo ended with ${undone.code}`,
      down,
      undone.stderr.split('\n').slice(-8),
    );
  const left = difference(before, await all('taken'));
  if (left.length > 0) return count('same end as by psql; undone, with a difference', down, left);
  return count('same end as by psql; undone to the same', down, [version]);
}

try {
  const ups = readdirSync(folder)
    .filter((name) => name.endsWith('.up.sql'))
    .sort((one, other) => parseInt(one, 10) - parseInt(other, 10));
  await connected('postgres', (client) => client.query('CREATE DATABASE base'));
  await psql(
    'base',
    '-c',
    'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)',
  );
  for (const [at, up] of ups.entries()) {
    const version = String(parseInt(up, 10));
    try {
      await applied('base', join(folder, up));
    } catch (error) {
      // Some projects' migrations need what a bare server has not: what follows would be another project's.
      console.log(`stopped: ${at} of ${ups.length} ways up could be applied`);
      if (options.examples) console.log(`    ${up}: ${String(error.stderr).split('\n')[0]}`);
      break;
    }
    await psql(
      'base',
      '-c',
      `TRUNCATE schema_migrations; INSERT INTO schema_migrations VALUES (${version}, false)`,
    );
    const down = up.replace(/\.up\.sql$/, '.down.sql');
    if (at < Number(options.from) || at % Number(options.every) !== 0) continue;
    if (!readdirSync(folder).includes(down) || readFileSync(join(folder, down), 'utf8').trim() === '')
      continue;
    await takeBack(down, version);
    if (heard.length >= Number(options.limit)) break;
  }
} finally {
  await cluster.stop();
  rmSync(state, { recursive: true, force: true });
}
console.log('| outcome | migrations |');
console.log('|---|---|');
for (const [outcome, number] of [...outcomes].sort((one, other) => other[1] - one[1]))
  console.log(`| ${outcome} | ${number} |`);
