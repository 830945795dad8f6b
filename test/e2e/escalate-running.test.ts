/** `!` on 80 by 24 while a statement runs on a real server: the step goes on, acts are done beside it, its end is told. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import {
  acceptWarnings,
  confirmStep,
  DECIDE,
  done,
  PLAN,
  PREREQUISITES,
  REASON,
  TARGET,
} from './support/questions.ts';
import { tables } from './support/snapshot.ts';
import { oneWalk } from './support/walk.ts';

const MENU = /What is to be done\?/;
const BACK = /Enter goes back to what can be done/;

beforeAll(() => built());

const RUNBOOK = `# Rollback of things

For Migration: 20260101000001

## Step 1: Rename the table back

\`\`\`sql
ALTER TABLE things RENAME TO items;
SELECT pg_sleep(8);
\`\`\`

## Verification

\`\`\`sql
\\dt items
\`\`\`
`;

describe('escalating while a step runs', () => {
  let folder: string;
  let database: TestDatabase;
  let operator: Operator;
  let backend: number | null = null;
  oneWalk();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backout-running-'));
    await writeFile(join(folder, 'runbook.md'), RUNBOOK);
    database = await freshDatabase({ state: 'empty' });
    await database.use((db) =>
      db.exec(
        'CREATE TABLE things (id int); CREATE TABLE schema_migrations (version bigint PRIMARY KEY, inserted_at timestamp(0)); INSERT INTO schema_migrations VALUES (20260101000001, now())',
      ),
    );
    const words = [join(folder, 'runbook.md'), '--database', database.url];
    operator = await atTerminal(words, { columns: 80, rows: 24 });
  });

  afterAll(async () => {
    goOn();
    await operator.dispose();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const sleeping = (): Promise<number | null> =>
    database.use(async ({ client }) => {
      const { rows } = await client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity
          WHERE datname = current_database() AND application_name LIKE 'backout/%' AND wait_event = 'PgSleep'`,
      );
      return rows[0]?.pid ?? null;
    });

  /** The statement takes as long as the test wants: its backend, asleep with nothing in its hands, is not woken. */
  async function hold(): Promise<void> {
    await expect.poll(sleeping, { interval: 20, timeout: 30_000 }).not.toBeNull();
    backend = await sleeping();
    if (backend === null) throw new Error('it was over before it was held');
    process.kill(backend, 'SIGSTOP');
  }

  function goOn(): void {
    if (backend !== null) process.kill(backend, 'SIGCONT');
    backend = null;
  }

  it('opens in front of the step, and says that it goes on', async () => {
    await operator.answer(TARGET, 'enter');
    await acceptWarnings(operator);
    await operator.answer(PREREQUISITES, 'enter');
    await operator.answer(DECIDE, 'r');
    const next = await operator.untilAsked(/Why\?|Enter goes on to the first step/);
    if (REASON.test(next)) await operator.submit(REASON, 'the test says so');
    await operator.answer(PLAN, 'enter');
    await confirmStep(operator, 1, database.name);
    await hold();
    await operator.pty.press('!');
    await operator.untilAsked(MENU);
    expect(operator.shown()).toContain('Step 1 is running and goes on while you are here.');
    await operator.pty.press('escape');
    await operator.untilAsked(/Step 1 is running/);
  });

  it('tells where the database stands without waiting for what the step holds', async () => {
    await operator.pty.press('!');
    await operator.answer(MENU, 'c');
    await operator.untilAsked(BACK);
    expect(await operator.read()).toContain('somebody holds these tables, as a step does while it runs');
    await operator.pty.press('enter');
    await operator.untilAsked(MENU);
  });

  it('writes a hand-over that says a run is at work, and who', async () => {
    await operator.pty.press('h');
    await operator.untilAsked(BACK);
    const said = await operator.read();
    expect(said).toMatch(/HAND-OVER/);
    expect(said).toMatch(/Run nothing: rollback \S+ of .* is at work right now/);
    await operator.pty.press('enter');
    await operator.untilAsked(MENU);
  });

  it('keeps q from leaving the step, and tells its end in front of it', async () => {
    await operator.pty.press('q');
    await operator.pty.waitFor(/A step is running\. Cancel it first/);
    goOn();
    await operator.pty.waitFor(/Step 1 has ended: it is done\./);
    await operator.untilAsked(MENU);
    await operator.pty.press('escape');
    await operator.untilAsked(done(1));
    expect(await database.use(tables)).toEqual(['items', 'schema_migrations']);
    const finished = await operator.journalOf('step-finished');
    expect(finished.map(({ step, outcome }) => [step, outcome])).toEqual([['step-1', 'done']]);
  });
});
