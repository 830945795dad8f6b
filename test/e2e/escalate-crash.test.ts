/** Crashes between restoring a backup and exchanging the names: nothing is lost, and what can be done next is told. */
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { withDumps } from '../backup/support.ts';
import { onName } from '../escalate/support.ts';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import {
  besideNames,
  dropAll,
  dump,
  escalationGone,
  escalationWaits,
  onServer,
  PATH_WITH_CLIENTS,
  rowsIn,
} from './support/beside.ts';
import { aPlace, type Child, type Ended, type Place } from './support/child.ts';
import { holdOpen } from './support/held.ts';

const TABLE = 'codebase_snapshots';

beforeAll(() => built());

withDumps('a crash in the middle of an escalation', () => {
  let place: Place;
  let database: TestDatabase;
  let backup: string;
  let good: number;

  beforeEach(async () => {
    place = await aPlace();
    database = await freshDatabase();
    good = await rowsIn(database, database.name, TABLE);
    backup = await dump(database, join(place.state, 'good.dump'));
    await database.use((db) => db.exec(`DELETE FROM ${TABLE}`));
  });

  afterEach(async () => {
    await dropAll(database);
    await place.clear();
  });

  const env = { PATH: PATH_WITH_CLIENTS };
  const words = (...more: string[]): string[] => ['escalate', '--database', database.url, ...more];
  const escalate = (...more: string[]): Promise<Ended> => place.run(words(...more), env);
  const confirmed = (...more: string[]): Promise<Ended> => escalate(...more, '--confirm', database.name);
  const begin = (...more: string[]): Child => place.start(words(...more, '--confirm', database.name), env);

  const damagedIsThere = async (): Promise<void> =>
    expect(await rowsIn(database, database.name, TABLE)).toBe(0);

  /** A COMMENT that is not committed holds the database's name as it is, for whoever would rename it. */
  const holdName = () =>
    holdOpen(
      onName(database.url, 'postgres'),
      'somebody',
      `COMMENT ON DATABASE "${database.name}" IS 'not committed'`,
    );

  /** What stands beside is offered, and takes the place when it is asked to. */
  async function exchangeStillWorks(): Promise<void> {
    const told = await escalate();
    expect(told.out).toMatch(/_restored_\d{8}_\d{6}.*checked/);
    expect(told.out).toContain('--swap --confirm NAME');
    const swapped = await confirmed('--swap');
    expect([swapped.err, swapped.status]).toEqual(['', 0]);
    expect(await rowsIn(database, database.name, TABLE)).toBe(good);
    const kept = (await besideNames(database)).filter((name) => name.includes('_damaged_'));
    expect(kept).toHaveLength(1);
    expect(await rowsIn(database, kept[0] ?? '', TABLE)).toBe(0);
  }

  it('of backout within the exchange: both have their names, and the exchange is offered again', async () => {
    expect((await confirmed('--restore', backup)).status).toBe(0);
    const before = await besideNames(database);
    const held = await holdName();
    const child = begin('--swap');
    await escalationWaits(database);
    child.kill('SIGKILL');
    expect((await child.ended).status).toBeNull();
    await held.end();
    await escalationGone(database);
    expect(await besideNames(database)).toEqual(before);
    await damagedIsThere();
    await exchangeStillWorks();
  });

  it('of the server’s session within the exchange: that both or none changed names is told, and where to look', async () => {
    expect((await confirmed('--restore', backup)).status).toBe(0);
    const before = await besideNames(database);
    const held = await holdName();
    const child = begin('--swap');
    const pid = await escalationWaits(database);
    await onServer(database, 'SELECT pg_terminate_backend($1)', [pid]);
    const ended = await child.ended;
    expect(ended.status).toBe(15);
    expect(ended.err).toContain('either both were, or none of');
    expect(ended.err).toContain('"backout escalate" tells');
    await held.end();
    await escalationGone(database);
    expect(await besideNames(database)).toEqual(before);
    await damagedIsThere();
    await exchangeStillWorks();
  });

  it('of backout after the restore, before it was counted: it is told for what it is, and never takes the place', async () => {
    // Counting the damaged one's rows waits for this.
    const held = await holdOpen(database.url, 'somebody', `LOCK TABLE ${TABLE} IN ACCESS EXCLUSIVE MODE`);
    const child = begin('--restore', backup);
    await escalationWaits(database);
    child.kill('SIGKILL');
    await child.ended;
    await held.end();
    await escalationGone(database);
    const [own, left] = await besideNames(database);
    expect(own).toBe(database.name);
    expect(await rowsIn(database, left ?? '', TABLE)).toBe(good);
    await damagedIsThere();
    const told = await escalate();
    expect(told.out).toContain(left);
    expect(told.out).toMatch(/a backup restored, but not counted/);
    const refused = await confirmed('--swap');
    expect(refused.status).toBe(64);
    expect(refused.err).toMatch(/was not restored whole and checked/);
    expect((await confirmed('--restore', backup)).status).toBe(0);
    await exchangeStillWorks();
    expect(await besideNames(database)).toContain(left);
  });
});
