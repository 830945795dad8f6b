/** The checklist with hands in plain lines: probes, a log, a command that is typed, and what is left open. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { linesOf, type Lines } from './support/lines.ts';
import { atTerminal, type Operator } from './support/operator.ts';
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
\`\`\`

## Checklist

- [ ] Verify the features work

  \`\`\`sql probe="Items can be counted" expect="2"
  SELECT count(*) FROM items;
  \`\`\`

- [ ] Check logs for Ecto query errors
- [ ] Verify application starts without errors
`;

const ITEM = (words: string): RegExp => new RegExp(`Is this done\\? ${words}`);

let folder: string;
let database: TestDatabase;
let operator: Operator;
let lines: Lines;
oneWalk();

beforeAll(async () => {
  await built();
  folder = await mkdtemp(join(tmpdir(), 'backout-lines-'));
  await writeFile(join(folder, 'runbook.md'), RUNBOOK);
  database = await freshDatabase({ state: 'empty' });
  await database.use((db) =>
    db.exec(
      'CREATE TABLE things (id int); INSERT INTO things VALUES (1), (2); CREATE TABLE schema_migrations (version bigint PRIMARY KEY, inserted_at timestamp(0)); INSERT INTO schema_migrations VALUES (20260101000001, now())',
    ),
  );
  operator = await atTerminal([join(folder, 'runbook.md'), '--plain', '--database', database.url], {
    columns: 220,
    rows: 50,
    env: { INK_SCREEN_READER: 'true' },
  });
  lines = linesOf(operator);
});
afterAll(async () => {
  await operator.dispose();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

it('comes after the verification', async () => {
  await lines.pick(/the database you mean\?/, 'Go on');
  while (/Go on in spite of it\?/.test(await lines.asked(/in spite of it\?|Enter goes on to the decision/))) {
    await lines.pick(/in spite of it\?/, 'Yes');
  }
  await lines.pick(/Enter goes on to the decision/, 'Go on');
  await lines.pick(/What do you decide\?/, 'Roll back');
  if (/Why\?/.test(await lines.asked(/Why\?|Enter goes on to the first step/)))
    await lines.type(/Why\?/, 'the test says so');
  await lines.pick(/Enter goes on to the first step/, 'Go on');
  await lines.pick(/Run Step 1 now/, 'Yes');
  await lines.pick(/Step 1 is done/, 'Go on');
  await lines.pick(/goes on to the checklist/, 'Go on');
});

it('asks the probes, and says what each found', async () => {
  await lines.pick(ITEM('Verify the features'), 'Ask its 1 probe');
  const said = await lines.asked(/ok +Items can be counted[^]*Is this done\?/);
  expect(said).not.toContain('FAIL');
  await lines.pick(ITEM('Verify the features'), 'Done');
});

it('looks through a log whose path is typed', async () => {
  await lines.asked(ITEM('Check logs'));
  const path = join(folder, 'app.log');
  const error = '** (Postgrex.Error) ERROR 42P01 (undefined_table) relation "things" does not exist';
  await writeFile(path, `${new Date().toISOString()} ${error}\n`);
  await lines.pick(ITEM('Check logs'), 'Look through another file');
  await lines.type(/Which log file/, path);
  expect(await lines.asked(/1 error since the run began/)).toContain('table things: 1.');
  await lines.pick(ITEM('Check logs'), 'Not done');
});

it('runs a command that is typed, with its output live', async () => {
  await lines.pick(ITEM('Verify application starts'), 'Give the command');
  await lines.type(/The command, whole/, 'echo up-$((40 + 2))');
  await lines.asked(/up-42[^]*Is this done\?/);
  await lines.pick(ITEM('Verify application starts'), 'Done');
});

it('names what was left open, and ends', async () => {
  await lines.pick(/Enter writes the report/, 'Go on');
  expect(await lines.asked(/Enter closes backout/)).toContain('Left open: 1 checklist item');
  await lines.pick(/Enter closes backout/, 'Go on');
  expect((await operator.pty.exit).exitCode).toBe(0);
  const items = await operator.journalOf('checklist');
  expect(items.map(({ done }) => done)).toEqual([true, false, true]);
  expect(items[2]?.command).toMatchObject({ command: 'echo up-$((40 + 2))', exitStatus: 0 });
});
