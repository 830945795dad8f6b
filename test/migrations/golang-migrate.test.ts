/** Down migrations of golang-migrate: its single row, its dirty mark, its advisory lock. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ended } from '../cli/support/io.ts';
import { advisory, keepsOut, keepsWaiting, openBench, prerequisite, said, type Bench } from './bench.ts';

let bench: Bench;
let file: string;

/** As database/postgres/postgres.go makes it, after `migrate up` to version 2. */
const APPLIED = `
  CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL);
  INSERT INTO orders SELECT n, n * 10 FROM generate_series(1, 5) AS n;
  ALTER TABLE orders ADD COLUMN note text;
  UPDATE orders SET note = 'note ' || id WHERE id < 4;
  CREATE TABLE order_events (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));
  INSERT INTO order_events SELECT n, n FROM generate_series(1, 5) AS n;
  CREATE TABLE "public"."schema_migrations" (version bigint not null primary key, dirty boolean not null);
  INSERT INTO schema_migrations (version, dirty) VALUES (2, false)`;

beforeEach(async () => {
  bench = await openBench();
  await bench.write(
    '000001_orders.up.sql',
    'CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL);',
  );
  await bench.write('000001_orders.down.sql', 'DROP TABLE orders;\n');
  await bench.write('000002_events.up.sql', 'ALTER TABLE orders ADD COLUMN note text;');
  file = await bench.write(
    '000002_events.down.sql',
    '-- the events were a mistake\nDROP TABLE order_events;\nALTER TABLE orders DROP COLUMN note;\n',
  );
  await bench.exec(APPLIED);
});
afterEach(() => bench.clear());

const version = (): Promise<unknown[]> => bench.rows('SELECT version::text, dirty FROM schema_migrations');

describe('a down migration of golang-migrate', () => {
  it('is planned, run and verified; the version goes back with it; an undo brings all of it back', async () => {
    const before = await bench.state();
    const planned = JSON.parse((await bench.backout('plan', file, '--json')).out) as {
      steps: { statements: { sql: string; line: number }[] }[];
    };
    expect(planned.steps[0]?.statements.map(({ sql }) => sql)).toEqual([
      'DROP TABLE order_events',
      'ALTER TABLE orders DROP COLUMN note',
      "UPDATE schema_migrations SET version = '1', dirty = false WHERE version = '2'",
    ]);
    expect(planned.steps[0]?.statements[0]?.line).toBe(2);
    expect((await prerequisite(bench, file, 'migration-recorded'))?.detail).toBe(
      'Version 2 is recorded in schema_migrations.',
    );

    const ran = await bench.run(file);
    expect(ran).toMatchObject({ status: 0, err: '' });
    expect(said(ran)).toContain('Added by backout, not in the file');
    expect(await version()).toEqual([{ version: '1', dirty: false }]);
    expect(Object.keys((await bench.state()).definitions)).not.toContain('order_events');

    expect(await bench.undo()).toMatchObject({ status: 0, err: '' });
    expect(await bench.state()).toEqual(before);
    expect(await version()).toEqual([{ version: '2', dirty: false }]);
  });

  it('goes below the first version by removing the row', async () => {
    expect((await bench.run(file)).status).toBe(0);
    const first = file.replace('000002_events', '000001_orders');
    expect(await bench.run(first)).toMatchObject({ status: 0, err: '' });
    expect(await version()).toEqual([]);
    expect(await bench.undo()).toMatchObject({ status: 0, err: '' });
    expect(await version()).toEqual([{ version: '1', dirty: false }]);
  });

  it('is refused while another version is the current one', async () => {
    const first = file.replace('000002_events', '000001_orders');
    const refused = await bench.run(first);
    expect(refused.status).toBe(10);
    expect(said(refused)).toContain('The current version in schema_migrations is 2, not 1.');
    expect(await version()).toEqual([{ version: '2', dirty: false }]);
  });

  it('says that it was taken back already', async () => {
    expect((await bench.run(file)).status).toBe(0);
    const again = await bench.run(file);
    expect(again.status).toBe(10);
    expect(said(again)).toContain('There is nothing to roll back');
  });

  it('asks for consent to a dirty version, and takes the mark off', async () => {
    await bench.exec('UPDATE schema_migrations SET dirty = true');
    expect(said(await bench.run(file))).toContain('golang-migrate has marked version 2 as dirty');
    expect(await version()).toEqual([{ version: '2', dirty: true }]);
    expect((await bench.run(file, '--accept', 'migration-recorded')).status).toBe(0);
    expect(await version()).toEqual([{ version: '1', dirty: false }]);
    expect((await bench.undo()).status).toBe(0);
    expect(await version()).toEqual([{ version: '2', dirty: true }]);
  });

  it('needs the table of golang-migrate, unless it is run as plain SQL', async () => {
    await bench.exec('DROP TABLE schema_migrations');
    const refused = await bench.run(file);
    expect(refused.status).toBe(10);
    expect(said(refused)).toContain('has no table schema_migrations, in which golang-migrate records');
    expect(await bench.run(file, '--format', 'sql')).toMatchObject({ status: 0, err: '' });
  });

  it.each(['by its URL', 'as a library'])(
    'waits for golang-migrate at work %s, and lets it wait',
    async (how) => {
      const { name } = bench.database;
      const named = how === 'by its URL' ? `/${name}` : name;
      await bench.database.use(async (tool) => {
        await keepsWaiting(bench, file, tool, advisory(keyOf(`public\0schema_migrations\0${named}`)));
        expect(await version()).toEqual([{ version: '1', dirty: false }]);
      });
    },
  );

  it('waits for it before an undo as well', async () => {
    expect((await bench.run(file)).status).toBe(0);
    const lock = advisory(keyOf(`public\0schema_migrations\0${bench.database.name}`));
    const undo = (): Promise<Ended> => bench.undo('--accept', 'activity');
    await bench.database.use((tool) => keepsWaiting(bench, file, tool, lock, undo));
    expect(await version()).toEqual([{ version: '2', dirty: false }]);
  });

  it('keeps golang-migrate out while it runs', async () => {
    const key = keyOf(`public\0schema_migrations\0${bench.database.name}`);
    await bench.database.use((tool) => keepsOut(bench, file, tool, { key, table: 'orders' }));
    expect(await version()).toEqual([{ version: '1', dirty: false }]);
  });
});

/** Go's crc32.ChecksumIEEE, multiplied as a uint32, written anew from its definition. */
function keyOf(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ((BigInt(~crc >>> 0) * 1486364155n) % 2n ** 32n).toString();
}
