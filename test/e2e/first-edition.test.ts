/** The user's own document, as it was given, on migrated databases: carried out whole, or refused beforehand. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/journal/report.ts';
import { escalationCommands } from '../../src/escalate/commands.ts';
import { readRunbook } from '../../src/runbook/read.ts';
import { firstEdition } from '../support/migration.ts';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { unconvertible } from '../support/states.ts';
import { aPlace, type Ended, type Place } from './support/child.ts';
import { snapshot, tables } from './support/snapshot.ts';
import { allUpTo, carriedOut } from './support/unattended.ts';

const RUNBOOK = ['--runbook', fileURLToPath(firstEdition)];
let place: Place;

beforeAll(async () => {
  await built();
  place = await aPlace();
});
afterAll(() => place.clear());

const run = ({ url, name }: TestDatabase): Promise<Ended> =>
  place.run([
    ...['run', '--database', url, ...RUNBOOK, '--confirm', name, '--choose', 'rollback', '--json'],
    ...['privileges', 'backup', 'activity'].flatMap((id) => ['--accept', id]),
  ]);

describe('on a database that was migrated', () => {
  let database: TestDatabase;
  let ended: Ended;
  beforeAll(async () => {
    database = await freshDatabase();
    ended = await run(database);
  });
  afterAll(() => database.drop());

  it('is carried out whole and verified', async () => {
    expect(ended.status).toBe(0);
    expect(ended.events.at(-1)).toMatchObject({ type: 'result', outcome: 'verified', exitStatus: 0 });
    const carried = ['step-1', 'step-2', 'step-3', 'step-4'].map((step) => carriedOut(ended.events, step));
    expect(carried.flat()).toHaveLength(40);
    expect(carried).toEqual(carried.map(({ length }) => allUpTo(length)));
    expect(await database.use(tables)).toEqual([
      'detection_events',
      'git_sessions',
      'schema_migrations',
      'technology_knowledge',
    ]);
  });

  it('answers the \\dt and \\di of its verification as psql would, and derives what they expect', () => {
    const told = ended.events.find((event) => event.type === 'verification');
    const checks = told?.type === 'verification' ? told.verification.checks : [];
    const shown = (id: string): string => checks.find((check) => check.id === id)?.shown?.join('\n') ?? '';
    expect(shown('table:git_sessions')).toMatch(/^\\dt git_sessions\n +List of relations\n Schema \|/);
    expect(shown('table:codebase_snapshots')).toContain(
      'Did not find any relation named "codebase_snapshots".',
    );
    const indexes = checks.filter(({ title }) => title.startsWith('\\di '));
    expect(indexes.map(({ title, found }) => `${title}: ${found}`)).toEqual([
      '\\di detection_events*: 4 rows',
      '\\di git_sessions*: 3 rows',
      '\\di technology_knowledge*: 3 rows',
    ]);
    expect(checks.filter(({ id }) => id.startsWith('index:'))).toHaveLength(7);
    expect(checks.every(({ ok }) => ok)).toBe(true);
  });

  it('has its checklist and its escalation: six items, five commands, each known for what it does', async () => {
    const report = JSON.parse((await place.run(['report', '--json'])).out) as Report;
    expect(report.checklist).toHaveLength(6);
    const { escalation } = await readRunbook(fileURLToPath(firstEdition));
    const commands = escalationCommands(escalation, { commands: { start_seconds: 60 } });
    expect(commands.map(({ what, command }) => `${what}: ${command}`)).toEqual([
      'stop: ./stop-all.sh',
      'restore: dropdb singularity_dev',
      'restore: createdb singularity_dev',
      'restore: pg_restore -d singularity_dev /path/to/backup.dump',
      'migrate: mix ecto.migrate',
    ]);
  });

  it('and what it destroys was said before, and stands in the report', async () => {
    const plan = ended.events.find((event) => event.type === 'plan');
    const templates = { step: 'step-3', table: 'technology_templates', rows: 8 };
    expect(plan?.type === 'plan' ? plan.dataAtRisk : []).toContainEqual(
      expect.objectContaining(templates) as object,
    );
    const report = JSON.parse((await place.run(['report', '--json'])).out) as Report;
    expect(report.lost).toContainEqual(expect.objectContaining(templates) as object);
    expect(report.runbook?.path).toContain('ROLLBACK_PROCEDURE.md');
  });
});

it('is refused with 10 where a row would make it fail: pasted into psql, it would go on and spoil every row', async () => {
  const database = await freshDatabase({ state: unconvertible });
  const before = await database.use(snapshot);
  const ended = await run(database);
  expect(ended.status).toBe(10);
  const found = ended.events.find((event) => event.type === 'prerequisites');
  const results = found?.type === 'prerequisites' ? found.results : [];
  expect(results.filter(({ status }) => status === 'fail').map(({ id }) => id)).toEqual(['values']);
  expect(await database.use(snapshot)).toEqual(before);
  await database.drop();
});
