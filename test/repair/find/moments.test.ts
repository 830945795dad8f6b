/** Failures of the moment, of room and of single rows: what is known of them is said, and nothing is made up to mend them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainError } from '../../../src/postgres/explain.ts';
import { DatabaseError } from '../../../src/sql/session.ts';
import { openWard, repairOfId, type Looked, type Ward } from './support.ts';

let ward: Ward;

beforeAll(async () => {
  ward = await openWard();
  await ward.exec(`
    CREATE TABLE kept (id int PRIMARY KEY, note text);
    INSERT INTO kept VALUES (1, 'a'), (2, NULL);
    CREATE TABLE pointing (id int PRIMARY KEY, kept int CONSTRAINT pointing_kept_fkey REFERENCES kept (id))`);
});
afterAll(() => ward.clear());

const failure = (error: DatabaseError): Promise<Looked> =>
  ward.ask({ kind: 'failure', step: 'step-1', error: explainError(error) });

const said = ({ notes }: Looked): string =>
  notes.flatMap(({ title, lines, table }) => [title, ...lines, ...(table?.rows ?? []).flat()]).join('\n');

/** What the server itself says to a statement that it refuses. */
async function refused(sql: string): Promise<DatabaseError> {
  return ward.database.use(async ({ client }) => {
    const error: unknown = await client.query(sql).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    const { message, code, table, column, constraint, detail } = error as Record<string, string>;
    const more = Object.entries({ table, column, constraint, detail }).filter(
      ([, value]) => value !== undefined,
    );
    return new DatabaseError(message ?? '', code ?? '', Object.fromEntries(more));
  });
}

describe('what is known of', () => {
  it('a value that is not unique: the index, and the row that the server names', async () => {
    const looked = await failure(await refused(`INSERT INTO kept VALUES (1, 'b')`));
    expect(looked.repairs).toEqual([]);
    expect(said(looked)).toContain('Two rows would get the same value in kept_pkey');
    expect(said(looked)).toContain('Key (id)=(1) already exists.');
    expect(said(looked)).toContain('CREATE UNIQUE INDEX kept_pkey');
  });

  it('a column left without a value: how many rows hold none', async () => {
    const looked = await failure(await refused('ALTER TABLE kept ALTER COLUMN note SET NOT NULL'));
    expect(looked.repairs).toEqual([]);
    expect(said(looked)).toContain('would be left without one: kept.note');
    expect(said(looked)).toContain('1 rows hold NULL there now.');
  });

  it('a foreign key that a statement breaks: which, its definition, and the repair that drops it', async () => {
    const looked = await failure(await refused('INSERT INTO pointing VALUES (1, 99)'));
    const repair = repairOfId(looked, 'drop-key:pointing.pointing_kept_fkey');
    expect(repair.found).toContain('FOREIGN KEY (kept) REFERENCES kept(id)');
    expect(repair.sql).toBe('ALTER TABLE pointing DROP CONSTRAINT pointing_kept_fkey;');
  });

  it('a full disk: the largest tables, and what a purge would free once there is an archive', async () => {
    const full = new DatabaseError('could not extend file: No space left on device', '53100');
    expect(said(await failure(full))).toContain(
      'backout keeps nothing in this database that could be purged.',
    );
    expect(said(await failure(full))).toContain('codebase_snapshots');
    const drop = {
      title: 'Drop pointing',
      found: 'It is not needed.',
      careful: [],
      checks: [],
      recommended: true,
    };
    expect((await ward.mend([{ ...drop, id: 'pointing', sql: 'DROP TABLE pointing;' }])).status).toBe(0);
    expect(said(await failure(full))).toMatch(/"backout purge [\w-]+" frees \d+ (bytes|kB)/);
  });

  it('a deadlock and a lock: that nothing has to be mended', async () => {
    const detail = 'Process 1 waits for ShareLock on transaction 2; blocked by process 3.';
    const looked = await failure(new DatabaseError('deadlock detected', '40P01', { detail }));
    expect(said(looked)).toContain('Nothing has to be mended');
    expect(said(looked)).toContain(detail);
    expect(said(await failure(new DatabaseError('lock timeout', '55P03')))).toContain(
      'Somebody else holds a lock',
    );
  });
});
