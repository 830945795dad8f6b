/** Where no journal can be kept nothing is made in the database, and what is mended in between counts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openBench, type Bench } from '../cli/support/rolled-back.ts';

let bench: Bench;
let folder: string;

beforeEach(async () => {
  [bench, folder] = await Promise.all([openBench(), mkdtemp(join(tmpdir(), 'backout-no-journal-'))]);
});
afterEach(async () => {
  await bench.clear();
  await rm(folder, { recursive: true, force: true });
});

it('a folder that cannot be written ends the run before its first trace in the database', async () => {
  const before = await bench.state();
  const file = join(folder, 'file');
  await writeFile(file, '');
  const { name, url } = bench.database;
  const ended = await bench.desk.run(
    [
      ...['run', '--database', url, '--confirm', name, '--choose', 'rollback'],
      ...['--accept', 'privileges', '--accept', 'backup'],
    ],
    { env: { XDG_STATE_HOME: file } },
  );
  expect(ended.status).not.toBe(0);
  expect(ended.out + ended.err).toContain(file);
  expect(await bench.state()).toEqual(before);
  expect(
    await bench.rows("SELECT nspname FROM pg_namespace WHERE nspname IN ('backout', 'backout_archive')"),
  ).toEqual([]);
});
