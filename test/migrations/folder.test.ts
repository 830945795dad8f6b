/** A folder in place of a file: the latest migration that the database has, and that one alone. */
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openBench, said, type Bench } from './bench.ts';

let bench: Bench;
let folder: string;

beforeEach(async () => {
  bench = await openBench();
  const write = (version: string, table: string): Promise<string> =>
    bench.write(
      `migrations/${version}_${table}.sql`,
      `-- migrate:up\nCREATE TABLE ${table} ();\n-- migrate:down\nDROP TABLE ${table};\n`,
    );
  await write('9', 'nine');
  await write('10', 'ten');
  folder = dirname(await write('11', 'eleven'));
  await bench.write('migrations/README.md', '# How to migrate\n');
  await bench.exec(`CREATE TABLE nine (id int); CREATE TABLE ten (id int);
    CREATE TABLE schema_migrations (version varchar(255) PRIMARY KEY);
    INSERT INTO schema_migrations VALUES ('9'), ('10')`);
});
afterEach(() => bench.clear());

const versions = (): Promise<unknown[]> => bench.rows('SELECT version FROM schema_migrations ORDER BY 1');

it('is that of the latest applied, shown beforehand, one at a time', async () => {
  const planned = await bench.backout('plan', folder, '--json');
  expect(planned.err).toBe('The latest migration that dbmate has applied is 10: 10_ten.sql.\n');
  expect((JSON.parse(planned.out) as { runbook: string }).runbook).toBe(`${folder}/10_ten.sql`);
  const ran = await bench.run(folder);
  expect(ran.status).toBe(0);
  expect(said(ran)).toContain('Take back 10 ten');
  expect(await versions()).toEqual([{ version: '9' }]);
  expect((await bench.run(folder)).err).toContain('is 9: 9_nine.sql.');
  expect(await versions()).toEqual([]);
  const none = await bench.run(folder);
  expect(none.status).toBe(65);
  expect(none.err).toContain('dbmate has recorded no migration as applied in schema_migrations.');
});

it('is refused where the latest is not among its files', async () => {
  await bench.exec("INSERT INTO schema_migrations VALUES ('12')");
  const refused = await bench.run(folder);
  expect(refused.status).toBe(65);
  expect(refused.err).toContain('has applied is 12, and');
  expect(await versions()).toHaveLength(3);
});

it('is refused without the table, without a way down, and with files of two tools', async () => {
  await bench.exec('DROP TABLE schema_migrations');
  expect((await bench.run(folder)).err).toContain('Schema public has no table schema_migrations');
  await bench.write('migrations/000001_a.down.sql', 'DROP TABLE a;');
  expect((await bench.run(folder)).err).toContain('holds files of golang-migrate and dbmate');
  const empty = dirname(await bench.write('other/notes.sql', 'SELECT 1;'));
  expect(await bench.run(empty)).toMatchObject({ status: 65 });
});
