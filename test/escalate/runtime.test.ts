/** What the wizard asks for, performed beside a run that is connected. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRunbook } from '../../src/runbook/read.ts';
import { createRuntime } from '../../src/runtime/create.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';
import type { EscalationAct, EscalationDone, Event, Prepared, Task } from '../../src/wizard/types.ts';
import { clients, scratchFolder, withDumps } from '../backup/support.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';

const folder = scratchFolder();

withDumps('the escalation of a run', () => {
  let database: TestDatabase;
  let runtime: Runtime;

  beforeEach(async () => {
    database = await freshDatabase();
    await loadParser();
    const runbook = await readRunbook('runbooks/20250101000014-align-schema-table-names.md');
    const PATH = `${clients ?? ''}:${process.env['PATH'] ?? ''}`;
    runtime = createRuntime({
      run: '20261122-0300-abcd',
      version: '0',
      runbook,
      plan: planOf(runbook),
      connection: { url: database.url, env: { ...process.env, PATH }, home: folder, osUser: 'ada' },
      embedded: false,
      runsDir: join(folder, 'runs'),
    });
    await runtime.connect();
  });

  afterEach(async () => {
    await runtime.close();
    const other = await freshDatabase({ state: 'empty' });
    await other.use(async (db) => {
      const { rows } = await db.client.query<{ datname: string }>(
        'SELECT datname FROM pg_database WHERE datname LIKE $1',
        [`${database.name}%`],
      );
      for (const { datname } of rows) await db.exec(`DROP DATABASE "${datname}" WITH (FORCE)`);
    });
    await other.drop();
  });

  async function perform(task: Task): Promise<Event[]> {
    const events: Event[] = [];
    runtime.perform(task, (event) => events.push(event));
    await runtime.idle();
    return events;
  }

  async function act(name: EscalationAct, answers: Record<string, string> = {}): Promise<EscalationDone> {
    const events = await perform({ type: 'escalate', do: 'prepare', act: name, answers });
    const prepared = events.find((event) => event.type === 'escalate-prepared')?.prepared as Prepared;
    expect(events).toEqual([{ type: 'escalate-prepared', prepared }]);
    const told = await perform({ type: 'escalate', do: 'carry-out', token: prepared.token });
    const last = told.at(-1);
    if (last?.type !== 'escalate-done') throw new Error(JSON.stringify(last));
    return last.done;
  }

  test('stopping writes leaves the session of the run alone', async () => {
    const before = await runtime.position();
    expect((await act('stop-writes')).ok).toBe(true);
    expect((await runtime.position()).position).toEqual(before.position);
    expect((await act('allow-writes')).ok).toBe(true);
  });

  test('an exchange closes what the run holds open, and what is confirmed is carried out once', async () => {
    const backup = join(folder, `${database.name}.dump`);
    await promisify(execFile)(join(clients ?? '', 'pg_dump'), ['-Fc', '-f', backup, database.url]);
    await database.use((db) => db.exec('DELETE FROM codebase_snapshots'));
    expect((await act('restore', { path: backup })).ok).toBe(true);
    const looked = await perform({ type: 'escalate', do: 'look' });
    expect(looked).toMatchObject([{ type: 'escalate-looked', facts: { whyNotSwap: null } }]);

    const [event] = await perform({ type: 'escalate', do: 'prepare', act: 'swap', answers: {} });
    const token = event?.type === 'escalate-prepared' ? event.prepared.token : '';
    const told = await perform({ type: 'escalate', do: 'carry-out', token });
    expect(told.at(-1)).toMatchObject({ type: 'escalate-done', done: { ok: true, exchanged: true } });
    const again = await perform({ type: 'escalate', do: 'carry-out', token });
    expect(again.at(-1)).toMatchObject({ type: 'escalate-failed' });
    const rows = await database.use(({ client }) => client.query('SELECT 1 FROM codebase_snapshots'));
    expect(rows.rowCount).toBeGreaterThan(0);
  });

  test('what cannot be prepared is told, and nothing waits for ever', async () => {
    const events = await perform({
      type: 'escalate',
      do: 'prepare',
      act: 'restore',
      answers: { path: '/nowhere/a.dump' },
    });
    const [event] = events;
    expect(event?.type === 'escalate-failed' ? event.error.message : '').toMatch(/no backup at/);
  });
});
