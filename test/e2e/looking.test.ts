/** The commands that look, as child processes, and what is refused without a terminal. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { aPlace, type Place } from './support/child.ts';
import { snapshot } from './support/snapshot.ts';

let place: Place;
beforeAll(async () => {
  await built();
  place = await aPlace();
});
afterAll(() => place.clear());

describe('the commands that look', () => {
  let database: TestDatabase;
  let before: Awaited<ReturnType<typeof snapshot>>;
  beforeAll(async () => {
    database = await freshDatabase();
    before = await database.use(snapshot);
  });
  afterAll(async () => {
    expect(await database.use(snapshot)).toEqual(before);
    await database.drop();
  });
  const text = expect.any(String) as string;
  const number = expect.any(Number) as number;
  const steps = [12, 19, 11, 1].map((count, at) => ({
    id: `step-${at + 1}`,
    title: text,
    state: 'pending',
    statements: Array.from({ length: count }, (_, n) => ({ index: n + 1, state: 'pending', sql: text })),
  }));

  it('status --json: every step and statement, with its state', async () => {
    const { status, out, err } = await place.run(['status', '--database', database.url, '--json']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      schema: 'backout.status/1',
      runbook: expect.stringMatching(/20250101000014.*\.md$/) as string,
      database: database.name,
      steps,
    });
  });

  it('plan --json: the status, and everything that follows from it', async () => {
    const { status, out } = await place.run(['plan', '--database', database.url, '--json']);
    expect(status).toBe(0);
    const plan = JSON.parse(out) as Record<string, Record<string, unknown>[]> & {
      recommendation: { choice: string; evidence: Record<string, unknown>[] };
    };
    expect(plan).toMatchObject({ schema: 'backout.plan/1', database: database.name, steps });
    const known = (values: string[]): string => expect.stringMatching(`^(${values.join('|')})$`) as string;
    const fields: Record<string, Record<string, unknown>> = {
      prerequisites: { id: text, status: known(['pass', 'warn', 'fail']), detail: text },
      dataAtRisk: { step: known(['step-[1-4]']), table: text, rows: number },
      invented: { step: known(['step-[1-4]']), table: text, column: text, rows: number },
      locks: { step: known(['step-[1-4]']), index: number, table: text, level: known(['[A-Z ]+']) },
    };
    for (const [field, shape] of Object.entries(fields)) {
      for (const entry of plan[field] ?? []) expect(entry).toMatchObject(shape);
    }
    for (const field of ['prerequisites', 'dataAtRisk', 'locks']) expect(plan[field]).not.toEqual([]);
    expect(Array.isArray(plan['invented'])).toBe(true);
    expect(['rollback', 'fix-forward']).toContain(plan.recommendation.choice);
    for (const evidence of plan.recommendation.evidence) {
      expect(evidence).toMatchObject({
        id: text,
        supports: known(['rollback', 'fix-forward', 'neutral']),
        detail: text,
      });
    }
  });

  it('verify --json: each check, and 14 where one does not hold', async () => {
    const { status, out } = await place.run(['verify', '--database', database.url, '--json']);
    expect(status).toBe(14);
    const document = JSON.parse(out) as { checks: { id: string; ok: boolean; detail: string }[] };
    expect(document).toMatchObject({ schema: 'backout.verify/1', ok: false });
    expect(document.checks.some(({ ok }) => !ok)).toBe(true);
    expect(new Set(document.checks.map(({ id }) => id)).size).toBe(document.checks.length);
  });

  it('say the same in words, and take the connection from the environment', async () => {
    const { hostname, port, password } = new URL(database.url);
    const env = {
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: 'postgres',
      PGPASSWORD: password,
      PGDATABASE: database.name,
    };
    const [status, plan, verify] = await Promise.all([
      place.run(['status'], env),
      place.run(['plan'], { DATABASE_URL: database.url }),
      place.run(['verify'], env),
    ]);
    expect(status.out).toContain('Restore detection_events');
    expect(plan.out).toContain('Data at risk');
    expect(verify.out).toContain('Not verified');
    for (const { out, err } of [status, plan, verify]) expect(`${out}${err}`).not.toContain(password);
  });

  it('lint: 0 for the runbook that ships, findings as JSON, 65 for a runbook that cannot be run', async () => {
    const shipped = new URL('../../runbooks/20250101000014-align-schema-table-names.md', import.meta.url);
    const path = join(place.state, 'shipped.md');
    await cp(shipped, path);
    const { status, out } = await place.run(['lint', path, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ schema: expect.stringMatching(/^backout\.lint\//) as string });
    expect((await place.run(['lint', path])).out).toMatch(
      /steps: 4, from line \d+[^]*0 errors, \d+ warnings/,
    );
    await writeFile(path, 'No steps in here.\n');
    expect((await place.run(['lint', path])).status).toBe(65);
  });
});

describe('without a terminal', () => {
  it.each([
    ['the wizard', []],
    ['the wizard in plain lines', ['--plain']],
    [
      'practice in plain lines with a database named',
      ['--plain', '--database', 'postgresql://127.0.0.1:1/x'],
    ],
  ])('%s is refused with 64 and a sentence', async (_, args) => {
    const ended = await place.run(args);
    expect(ended).toMatchObject({ status: 64, out: '' });
    expect(ended.err).toMatch(/need.? a terminal on standard input/);
    expect(ended.err).toContain('backout run');
  });

  it('practice plays itself, says so, and ends with 0', async () => {
    const ended = await place.run(['practice']);
    expect(ended.status).toBe(0);
    expect(ended.out).toContain('backout plays itself, with scripted answers');
    expect(ended.out).toContain('Rolled back and verified');
    expect(ended.out).not.toContain('\u001b');
    expect(ended.err).toBe('');
  });
});
