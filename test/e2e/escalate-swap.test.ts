/** A backup restored beside the damaged database and put in its place, on 80 by 24 and a real server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withDumps } from '../backup/support.ts';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { besideNames, dropAll, dump, PATH_WITH_CLIENTS, rowsIn } from './support/beside.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import { CLOSE, TARGET } from './support/questions.ts';
import { oneWalk } from './support/walk.ts';

const MENU = /What is to be done\?/;
const PATH = /Path of the backup/;
const TYPE = /To do this, type/;
const BACK = /Enter goes back to what can be done/;

beforeAll(() => built());

withDumps('restoring and exchanging the names', () => {
  let folder: string;
  let database: TestDatabase;
  let operator: Operator;
  let good: number;
  oneWalk();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backout-swap-'));
    database = await freshDatabase();
    good = await rowsIn(database, database.name, 'codebase_snapshots');
    await dump(database, join(folder, 'good.dump'));
    await database.use((db) => db.exec('DELETE FROM codebase_snapshots'));
    operator = await atTerminal(['--database', database.url], {
      columns: 80,
      rows: 24,
      env: { PATH: PATH_WITH_CLIENTS },
    });
  });

  afterAll(async () => {
    await operator.dispose();
    await dropAll(database);
    await rm(folder, { recursive: true, force: true });
  });

  it('does not offer an exchange where nothing stands beside', async () => {
    await operator.untilAsked(TARGET);
    await operator.pty.press('!');
    const asked = await operator.untilAsked(/ r Restore a backup/);
    expect(asked).not.toContain('Put the restored database in place');
  });

  it('refuses a backup that is not there, and goes back to the choice', async () => {
    await operator.pty.press('r');
    await operator.untilAsked(PATH);
    await operator.pty.type(join(folder, 'none.dump'));
    await operator.pty.press('enter');
    await operator.untilAsked(BACK);
    expect(await operator.read()).toMatch(/There is no backup at/);
    await operator.pty.press('enter');
    await operator.untilAsked(MENU);
    expect(await besideNames(database)).toEqual([database.name]);
  });

  it('restores beside on the typed name, and shows the rows of both', async () => {
    await operator.pty.press('r');
    await operator.untilAsked(PATH);
    await operator.pty.type(join(folder, 'good.dump'));
    await operator.pty.press('enter');
    await operator.untilAsked(TYPE);
    expect(await operator.read()).toContain('pg_restore --exit-on-error');
    await operator.pty.press('end');
    await operator.submit(TYPE, database.name);
    await operator.untilAsked(BACK, 90_000);
    expect(await operator.read()).toMatch(new RegExp(`codebase_snapshots +${good} +0`));
    expect(await besideNames(database)).toHaveLength(2);
    expect(await rowsIn(database, database.name, 'codebase_snapshots')).toBe(0);
  });

  it('offers the exchange now; Enter alone does nothing', async () => {
    await operator.pty.press('enter');
    await operator.answer(/ x Put the restored database in place/, 'x');
    await operator.untilAsked(TYPE);
    const shown = await operator.read();
    expect(shown).toMatch(/becomes .*_damaged_\d{8}_\d{6}/);
    expect(shown).toContain('RENAME TO');
    await operator.pty.press('enter');
    await operator.untilAsked(/Nothing was typed/);
    expect(await rowsIn(database, database.name, 'codebase_snapshots')).toBe(0);
  });

  it('exchanges the names, keeps the damaged one, and ends the run with its report', async () => {
    await operator.pty.press('end');
    await operator.submit(TYPE, database.name);
    await operator.untilAsked(/Enter ends this run and shows its report/);
    const said = await operator.read();
    expect(said).toContain('Nothing was dropped.');
    expect(said).toContain('backout escalate --swap-back');
    expect(await rowsIn(database, database.name, 'codebase_snapshots')).toBe(good);
    const names = await besideNames(database);
    expect(names).toHaveLength(2);
    expect(await rowsIn(database, names[1] ?? '', 'codebase_snapshots')).toBe(0);
    await operator.pty.press('enter');
    await operator.untilAsked(CLOSE);
    await operator.pty.press('enter');
    expect((await operator.pty.exit).exitCode).toBe(11);
    const acts = await operator.journalOf('escalated');
    expect(acts.map(({ act, ok }) => [act, ok])).toEqual([
      ['restore', true],
      ['swap', true],
    ]);
  });
});
