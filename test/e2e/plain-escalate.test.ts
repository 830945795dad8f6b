/** An escalation in plain lines, as a screen reader gets them: stopped, let in again, handed over. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { linesOf, type Lines } from './support/lines.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import { oneWalk } from './support/walk.ts';

const MENU = /What is to be done\?/;
const TYPE = /To do this, type/;
const BACK = /Enter goes back to what can be done/;

let database: TestDatabase;
let operator: Operator;
let lines: Lines;
let app: pg.Client;
oneWalk();

beforeAll(async () => {
  await built();
  database = await freshDatabase();
  app = new pg.Client({ connectionString: database.url, application_name: 'phoenix' });
  app.on('error', () => undefined);
  await app.connect();
  const words = ['escalate', '--plain', '--database', database.url];
  operator = await atTerminal(words, { columns: 220, rows: 50, env: { INK_SCREEN_READER: 'true' } });
  lines = linesOf(operator);
});
afterAll(async () => {
  await app.end().catch(() => undefined);
  await operator.dispose();
  await database.drop();
});

it('offers what needs a connection once there is one', async () => {
  const asked = await lines.asked(/\d+\) Stop all writes: nobody may connect, sessions are ended\n/);
  expect(asked).toMatch(/Go back to where you were.*\[Enter\]/);
});

it('shows all of it, and does nothing for another word', async () => {
  await lines.pick(MENU, 'Stop all writes');
  const shown = await lines.asked(TYPE);
  expect(shown).toContain('REVOKE CONNECT ON DATABASE');
  expect(shown).toContain('phoenix');
  await lines.type(TYPE, 'yes');
  await lines.asked(/That is not what has to be typed\. Nothing was done\.[^]*To do this, type/);
  expect((await app.query('SELECT 1')).rowCount).toBe(1);
});

it('stops all writes on the typed name', async () => {
  await lines.type(TYPE, database.name);
  expect(await lines.asked(BACK)).toContain('1 session ended');
  await expect(app.query('SELECT 1')).rejects.toThrow();
  await lines.pick(BACK, 'Go on');
  await lines.asked(/All writes are stopped, since/);
});

it('writes a hand-over that says so', async () => {
  await lines.pick(MENU, 'Write the hand-over');
  expect(await lines.asked(BACK)).toMatch(/HAND-OVER\.md/);
  await lines.pick(BACK, 'Go on');
});

it('says on leaving that writes are stopped, and whoever stays is back at the escalation', async () => {
  await lines.pick(MENU, 'Leave');
  const leaving = await lines.asked(/Leave backout now\?/);
  expect(leaving).toContain(`All writes to ${database.name} are still stopped.`);
  await lines.pick(/Leave backout now\?/, 'No');
  await lines.asked(MENU);
});

it('lets writes in again, and leaves without a word of it', async () => {
  await lines.pick(MENU, 'Let writes in again');
  await lines.type(TYPE, database.name);
  await lines.pick(BACK, 'Go on');
  await lines.pick(MENU, 'Leave');
  expect(await lines.asked(/Leave backout now\?/)).not.toContain('still stopped');
  await lines.pick(/Leave backout now\?/, 'Yes');
  expect((await operator.pty.exit).exitCode).toBe(11);
  expect(operator.pty.text()).not.toContain('still stopped');
  const acts = await operator.journalOf('escalated');
  expect(acts.map(({ act, ok }) => [act, ok])).toEqual([
    ['stop-writes', true],
    ['allow-writes', true],
  ]);
});
