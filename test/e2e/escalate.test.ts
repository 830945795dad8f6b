/** `!` on 80 by 24 and a real server: all writes stopped in the middle of a run, and let in again. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import { TARGET } from './support/questions.ts';
import { oneWalk } from './support/walk.ts';

const MENU = /What is to be done\?/;
const SHOW = process.env['SHOW_SCREENS'] !== undefined;

beforeAll(() => built());

describe('escalating in front of a run', () => {
  let database: TestDatabase;
  let operator: Operator;
  let app: pg.Client;
  oneWalk();

  beforeAll(async () => {
    database = await freshDatabase();
    app = new pg.Client({ connectionString: database.url, application_name: 'phoenix' });
    app.on('error', () => undefined);
    await app.connect();
    operator = await atTerminal(['--database', database.url], { columns: 80, rows: 24 });
  });

  afterAll(async () => {
    await app.end().catch(() => undefined);
    await operator.dispose();
    await database.drop();
  });

  const show = (name: string): void => {
    if (SHOW) process.stderr.write(`\n=== ${name}\n${operator.pty.text()}\n`);
  };

  it('offers what can be done, the harmless first', async () => {
    await operator.untilAsked(TARGET);
    await operator.pty.press('!');
    await operator.untilAsked(MENU);
    show('menu');
    expect(operator.asked()).toMatch(/› g Go back to where you were/);
    expect(await operator.read()).toContain('On call for the database');
    await operator.pty.press('enter');
    await operator.untilAsked(TARGET);
  });

  it('stops all writes only on the typed name, and ends the sessions it showed', async () => {
    await operator.pty.press('!');
    await operator.answer(MENU, 'w');
    await operator.untilAsked(/To do this, type/);
    show('stop');
    const screen = await operator.read();
    expect(screen).toContain('phoenix');
    expect(screen).toContain('REVOKE CONNECT ON DATABASE');
    await operator.pty.press('enter');
    await operator.untilAsked(/Nothing was typed/);
    expect((await app.query('SELECT 1')).rowCount).toBe(1);
    await operator.pty.press('end');
    await operator.submit(/To do this, type/, database.name);
    await operator.untilAsked(/Enter goes back to what can be done/);
    show('stopped');
    await expect(app.query('SELECT 1')).rejects.toThrow();
  });

  it('lets writes in again, exactly as it was, and the run goes on', async () => {
    await operator.pty.press('enter');
    await operator.pty.waitFor(/All writes are stopped/);
    show('menu again');
    await operator.answer(MENU, 'w');
    await operator.untilAsked(/To do this, type/);
    await operator.pty.press('end');
    await operator.submit(/To do this, type/, database.name);
    await operator.untilAsked(/Enter goes back to what can be done/);
    show('allowed');
    await operator.pty.press('enter');
    await operator.answer(MENU, 'g');
    await operator.untilAsked(TARGET);
    const acts = await operator.journalOf('escalated');
    expect(acts.map(({ act, ok }) => [act, ok])).toEqual([
      ['stop-writes', true],
      ['allow-writes', true],
    ]);
  });
});

describe('backout escalate at a terminal', () => {
  let database: TestDatabase;
  let operator: Operator;
  oneWalk();

  beforeAll(async () => {
    database = await freshDatabase();
    operator = await atTerminal(['escalate', '--database', database.url], { columns: 80, rows: 24 });
  });

  afterAll(async () => {
    await operator.dispose();
    await database.drop();
  });

  it('begins with the choice, tells where the database stands, and shows a command without running it', async () => {
    // The menu stands before the connection does: until then this is not offered.
    await operator.answer(/ c Check where/, 'c');
    await operator.untilAsked(/Enter goes back to what can be done/);
    expect(await operator.read()).toContain('Step 1: Restore detection_events: pending');
    await operator.pty.press('enter');
    await operator.answer(MENU, '8');
    await operator.untilAsked(/What stands for the folder\?/);
    expect(await operator.read()).toContain('mix ecto.migrate');
    await operator.submit(/What stands for the folder\?/, '/tmp');
    await operator.untilAsked(/To do this, type mix\./);
    await operator.pty.press('enter');
    await operator.untilAsked(/Nothing was typed/);
    await operator.pty.press('escape');
    await operator.untilAsked(MENU);
    expect(await operator.journalOf('escalated')).toEqual([]);
  });

  it('writes the hand-over, and leaves from there', async () => {
    await operator.answer(MENU, 'h');
    await operator.untilAsked(/Enter goes back to what can be done/);
    expect(await operator.read()).toMatch(/HAND-OVER.*Waiting is safe/);
    await operator.pty.press('enter');
    await operator.answer(MENU, 'g');
    await operator.answer(TARGET, 'q');
    await operator.answer(/Leave backout now\?/, 'y');
    expect((await operator.pty.exit).exitCode).toBe(11);
  });
});
