/** A runbook as people write it, with psql's commands and values left open, on a real server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadPlan } from '../../src/commands/load.ts';
import { forgetSecrets } from '../../src/terminal/secrets.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { allOf, harness, lastOf, type Harness } from './harness.ts';

const RUNBOOK = `# Orders go back

## Step 1: Tenants

\`\`\`sql
\\dt :table
UPDATE orders SET tenant = :'tenant' WHERE tenant IS NULL;
\\echo 'now the column'
ALTER TABLE orders ADD COLUMN note text DEFAULT :'db_password';
\\x \\d [orders
\\di orders*
\`\`\`

## Verification

\`\`\`sql
\\dt orders
-- Should NOT exist:
\\dt invoices
\\dn :table*
SELECT tenant FROM orders;
\`\`\`
`;

let database: TestDatabase;
let run: Harness;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backout-psql-'));
  const path = join(folder, 'orders.md');
  await writeFile(path, RUNBOOK);
  database = await freshDatabase();
  await database.use((db) =>
    db.exec('CREATE TABLE orders (id int PRIMARY KEY, tenant text); INSERT INTO orders VALUES (1, NULL)'),
  );
  const loaded = await loadPlan(path, undefined, undefined, {
    set: { table: 'orders', tenant: "a'b" },
    env: { BACKOUT_SET_DB_PASSWORD: 'hunter22' },
  });
  run = await harness(database.url, loaded);
});
afterAll(async () => {
  forgetSecrets();
  await run.end();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

it('answers in the live output, between the statements, and writes down what it was given', async () => {
  const survey = await run.survey();
  const actions = survey.offers[0]?.offers[0]?.procedure?.actions ?? [];
  expect(
    actions
      .filter(({ role }) => role === 'look' || role === 'statement')
      .map(({ sql, look }) => look?.text ?? sql),
  ).toEqual([
    '\\dt orders',
    "UPDATE orders SET tenant = 'a''b' WHERE tenant IS NULL",
    "\\echo 'now the column'",
    "ALTER TABLE orders ADD COLUMN note text DEFAULT 'hunter22'",
    '\\d [orders',
    '\\di orders*',
  ]);

  const events = await run.step('step-1', survey);
  expect(lastOf(events).type).toBe('step-done');
  const told = allOf(events, 'statement-notice').map(({ text }) => text);
  expect(told).toContain(' Schema |  Name  | Type  |  Owner');
  expect(told).toContain('now the column');
  // A pattern that the server refuses shows nothing, and nothing is undone by it.
  expect(told.find((line) => line.startsWith('It could not be shown'))).toMatch(/regular expression/);
  expect(told).toContain('-[ RECORD 1 ]');
  expect(told.findIndex((line) => line === 'now the column')).toBeGreaterThan(told.indexOf('(1 row)'));

  const journal = JSON.stringify(await run.journal());
  expect(journal).toContain('‹db_password›');
  expect(journal).not.toContain('hunter22');
  await database.use(async (db) => {
    const { rows } = await db.query("SELECT runbook->'values' AS v FROM backout.run");
    expect(rows[0]).toEqual({
      v: [
        { name: 'table', value: 'orders', line: 6 },
        { name: 'tenant', value: "a'b", line: 7 },
        { name: 'db_password', value: null, line: 9 },
      ],
    });
  });
});

it('shows in the verification what psql would, beside what is expected', async () => {
  const { checks } = await run.runtime.verify();
  expect(checks.slice(0, 4)).toMatchObject([
    {
      id: 'table:orders',
      ok: true,
      shown: expect.arrayContaining(['\\dt orders', ' public | orders | table | postgres']),
    },
    {
      id: 'table:invoices',
      ok: true,
      shown: ['\\dt invoices', 'Did not find any relation named "invoices".'],
    },
    { id: 'psql:3', title: '\\dn orders*', ok: true, found: '0 rows' },
    { id: 'query:4', found: "a'b" },
  ]);
});
