/** The checklist with hands, on 80 by 24 and a real server: probes, a log, an application that is started and left. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import {
  acceptWarnings,
  CLOSE,
  confirmByKey,
  DECIDE,
  PLAN,
  PREREQUISITES,
  REASON,
  TARGET,
} from './support/questions.ts';
import { oneWalk } from './support/walk.ts';

const RUNBOOK = `# Rollback of things

For Migration: 20260101000001

## Step 1: Rename the table back

\`\`\`sql
ALTER TABLE things RENAME TO items;
\`\`\`

## Verification

\`\`\`sql
\\dt items
-- Should NOT exist:
\\dt things
\`\`\`

## Checklist

- [ ] Verify the features work

  \`\`\`sql probe="Items can be counted" expect="2"
  SELECT count(*) FROM items;
  \`\`\`

  \`\`\`sql probe="No item without a name" expect="0"
  SELECT count(*) FROM items WHERE name IS NULL;
  \`\`\`

- [ ] Check logs for Ecto query errors
- [ ] Verify application starts without errors
`;

const SERVE = "#!/bin/sh\necho up\necho '[error] no route'\nwhile :; do sleep 1; done\n";

const config = (folder: string): string => `
[commands]
start = "./serve.sh"
start_seconds = 1

[project]
folder = "."

[logs]
files = ["${join(folder, 'app.log')}"]
`;

const CONFIRM = /To run exactly the command shown above on this machine, as you, type: serve\.sh/;
const ITEM = (words: string): RegExp => new RegExp(`Is this done\\? ${words}`);

beforeAll(() => built());

describe('the checklist after a rollback', () => {
  let folder: string;
  let database: TestDatabase;
  let operator: Operator;
  oneWalk();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backout-checklist-'));
    database = await freshDatabase({ state: 'empty' });
    await database.use((db) =>
      db.exec(
        "CREATE TABLE things (id int, name text); INSERT INTO things VALUES (1, 'a'), (2, NULL); CREATE TABLE schema_migrations (version bigint PRIMARY KEY, inserted_at timestamp(0)); INSERT INTO schema_migrations VALUES (20260101000001, now())",
      ),
    );
    await writeFile(join(folder, 'runbook.md'), RUNBOOK);
    await writeFile(join(folder, 'serve.sh'), SERVE, { mode: 0o755 });
    await writeFile(join(folder, 'backout.toml'), config(folder), { mode: 0o600 });
    operator = await atTerminal([join(folder, 'runbook.md'), '--database', database.url], {
      columns: 80,
      rows: 24,
    });
  });
  afterAll(async () => {
    await operator.dispose();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('comes after the verification', async () => {
    await operator.answer(TARGET, 'enter');
    await acceptWarnings(operator);
    await operator.answer(PREREQUISITES, 'enter');
    await operator.answer(DECIDE, 'r');
    const next = await operator.untilAsked(
      /against the recommendation\. Why\?|Enter goes on to the first step/,
    );
    if (REASON.test(next)) await operator.submit(REASON, 'the test says so');
    await operator.answer(PLAN, 'enter');
    await confirmByKey(operator, 1);
    await operator.answer(/Step 1 is done/, 'enter');
    await operator.answer(/goes on to the checklist/, 'enter');
  });

  it('asks the probes of an item: one holds, one does not, and both are in the journal', async () => {
    await operator.untilAsked(ITEM('Verify the features'));
    expect(await operator.read()).toContain('SELECT count(*) FROM items WHERE name IS NULL');
    await operator.pty.press('home', 'p');
    await operator.pty.waitFor((screen) => screen.includes('Expected 0, found 1.'));
    const said = await operator.read();
    expect(said).toMatch(/✓ ok +Items can be counted/);
    expect(said).toMatch(/✗ FAIL +No item without a name/);
    const checks = await operator.journalOf('item-check');
    expect(checks.map(({ check }) => [check.title, check.verdict])).toEqual([
      ['Items can be counted', 'ok'],
      ['No item without a name', 'failed'],
    ]);
    await operator.pty.press('o');
  });

  it('looks through the log of the configuration, and finds the error of a query', async () => {
    await operator.untilAsked(ITEM('Check logs'));
    const line = `${new Date().toISOString()} ** (Postgrex.Error) ERROR 42P01 (undefined_table) relation "things" does not exist\n`;
    await writeFile(join(folder, 'app.log'), `2020-01-01T00:00:00Z ${line.slice(25)}${line}`);
    await operator.pty.press('l');
    await operator.pty.waitFor((screen) => screen.includes('What was found'));
    expect(await operator.read()).toContain(
      '1 error since the run began: table things (gone since the rollback): 1.',
    );
    await operator.pty.press('d');
  });

  it('starts the application by the typed word alone, watches it, and stops it when told', async () => {
    await operator.untilAsked(ITEM('Verify application starts'));
    expect(await operator.read()).toContain('./serve.sh');
    await operator.pty.press('r');
    await operator.submit(CONFIRM, 'yes');
    await operator.untilAsked(/is not it/);
    await operator.pty.press('ctrl-u');
    await operator.submit(CONFIRM, 'serve.sh');
    await operator.untilAsked(/It is still running after/);
    expect(await operator.read()).toContain('1 line of its output speak');
    await operator.pty.press('s');
    await operator.untilAsked(ITEM('Verify application starts'));
    await operator.pty.press('o');
  });

  it('names what was left open, in the report on the screen and on the disk', async () => {
    await operator.answer(/Enter writes the report/, 'enter');
    await operator.untilAsked(CLOSE);
    const said = await operator.read();
    expect(said).toContain('Left open: 2 checklist items');
    expect(said).toContain('No item without a name: Expected 0, found 1.');
    const items = await operator.journalOf('checklist');
    expect(items.map(({ done }) => done)).toEqual([false, true, false]);
  });
});
