// Prepares the practice database at build time: a data directory with the migrated rows, and the worker that loads it.
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { build } from 'esbuild';
import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const source = join(root, 'src', 'practice');
/** Kept between builds: making a data directory takes seconds, and it changes only with what goes into it. */
const cache = join(root, 'node_modules', '.cache', 'backout');

/**
 * Puts `worker.js` and `database.tar.gz` into `<dist>/practice`.
 * @param {string} dist
 */
export async function buildPractice(dist) {
  await preparePractice();
  const target = join(dist, 'practice');
  await mkdir(target, { recursive: true });
  for (const name of await readdir(join(cache, 'practice'))) {
    await cp(join(cache, 'practice', name), join(target, name), { force: true });
  }
}

const MADE = ['practice/worker.js', 'practice/database.tar.gz', 'practice/statements.json', 'empty.tar'];

/** Brings the cache up to date and returns its folder, which holds `practice/` and `empty.tar`. */
export async function preparePractice() {
  const wanted = await fingerprint();
  const stamp = join(cache, 'practice.stamp');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return cache;
  // Files are swapped in whole: other builds and tests may be reading the old ones.
  const fresh = join(cache, `making-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(join(fresh, 'practice'), { recursive: true });
  await mkdir(join(cache, 'practice'), { recursive: true });
  try {
    await writeFile(join(fresh, 'practice', 'worker.js'), await bundleText('worker.ts'));
    await makeDatabases(fresh);
    for (const name of MADE) {
      await rename(join(fresh, name), join(cache, name));
    }
    await writeFile(join(fresh, 'stamp'), wanted);
    await rename(join(fresh, 'stamp'), stamp);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return cache;
}

/** Everything that decides what is made: our sources as they are bundled, this file, the versions of what makes it. */
async function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  for (const entry of ['worker.ts', 'prepare.ts']) hash.update(await bundleText(entry));
  for (const name of ['before.sql', 'up.sql']) hash.update(await readFile(join(source, 'migration', name)));
  hash.update(await readFile(fileURLToPath(import.meta.url)));
  for (const name of ['pglite', 'pglite-pgvector', 'pglite-socket']) {
    hash.update(await readFile(join(root, 'node_modules', '@electric-sql', name, 'package.json')));
  }
  return hash.digest('hex');
}

/** @param {string} entry */
async function bundleText(entry) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [join(source, entry)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['@electric-sql/*'],
    logLevel: 'warning',
  });
  return result.outputFiles[0].text;
}

/** @param {string} folder */
async function makeDatabases(folder) {
  const prepare = await import(
    `data:text/javascript;base64,${Buffer.from(await bundleText('prepare.ts')).toString('base64')}`
  );
  const database = prepare.PRACTICE_DATABASE;
  const empty = await emptyDatabase(database);
  await writeFile(join(folder, 'empty.tar'), empty);

  const db = await PGlite.create({ loadDataDir: new Blob([empty]), extensions: { vector }, database });
  const sql = {
    before: await readFile(join(source, 'migration', 'before.sql'), 'utf8'),
    up: await readFile(join(source, 'migration', 'up.sql'), 'utf8'),
  };
  const statements = prepare.practiceStatements(sql);
  // A real server of practice is filled with the same.
  await writeFile(join(folder, 'practice', 'statements.json'), JSON.stringify(statements));
  for (const statement of statements) await db.exec(statement);
  await db.exec('VACUUM (FREEZE, ANALYZE)');
  await writeFile(join(folder, 'practice', 'database.tar.gz'), gzipSync(await dump(db), { level: 9 }));
}

/**
 * A data directory as small as it gets, because loading it is most of the start: WAL segments of 1 MB, and no
 * database but the one used and template1.
 * @param {string} database
 */
async function emptyDatabase(database) {
  const first = await PGlite.create({ extensions: { vector }, initDbStartParams: ['--wal-segsize=1'] });
  await first.exec(`CREATE DATABASE ${database}`);
  const whole = await dump(first);
  const second = await PGlite.create({ loadDataDir: new Blob([whole]), extensions: { vector }, database });
  await second.exec('CREATE EXTENSION vector');
  await second.exec("UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'");
  await second.exec('DROP DATABASE template0');
  await second.exec('DROP DATABASE postgres');
  return dump(second);
}

/** @param {PGlite} db */
async function dump(db) {
  await db.exec('CHECKPOINT');
  const file = await db.dumpDataDir('none');
  await db.close();
  return Buffer.from(await file.arrayBuffer());
}
