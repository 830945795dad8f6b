/** The quick rollback on 80 by 24, a real server and a real child process: first where it is sound, stopped, finished. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeProject, type FakeProject, VERSION } from '../quick/support.ts';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import {
  confirmByKey,
  confirmStep,
  DECIDE,
  PLAN,
  readToEnd,
  REASON,
  toDecision,
  toReport,
} from './support/questions.ts';
import { orderless, type Snapshot } from './support/snapshot.ts';
import { oneWalk } from './support/walk.ts';

const NOW_WHAT = /What now\?/;
const RUN = /Runs "mix ecto\.rollback .*Type \S+ to run it/;

beforeAll(() => built());

const versions = (database: TestDatabase): Promise<string[]> =>
  database.use(async (db) => {
    const { rows } = await db.client.query<{ version: string }>(
      'SELECT version::text AS version FROM schema_migrations',
    );
    return rows.map(({ version }) => version);
  });

interface Desk {
  database: TestDatabase;
  project: FakeProject;
  operator: Operator;
  before: Snapshot;
  clear(): Promise<void>;
}

/** @param mix how the fake one behaves: test/quick/fixtures/mix */
async function desk(mix: string): Promise<Desk> {
  const database = await freshDatabase();
  const project = await fakeProject(database.url);
  const operator = await atTerminal(['--database', database.url], {
    columns: 80,
    rows: 24,
    env: { PATH: project.path, FAKE_MIX: mix },
  });
  return {
    database,
    project,
    operator,
    before: await database.use(orderless),
    async clear() {
      await operator.dispose();
      await project.clear();
      await database.drop();
    },
  };
}

/** From the first screen to the command, with its folder typed as an operator would who was not asked before. */
async function toCommand({ operator, project }: Desk): Promise<void> {
  await toDecision(operator);
  await operator.answer(DECIDE, 'x');
  await operator.submit(REASON, 'the test says so');
  await operator.untilAsked(/In which folder is the project/);
  await operator.pty.press('enter');
  await operator.untilAsked(/An answer is needed here/);
  await operator.pty.type(project.folder);
  await operator.pty.press('enter');
  await operator.untilAsked(NOW_WHAT);
}

describe('a quick rollback that goes well', () => {
  let at: Desk;
  oneWalk();
  beforeAll(async () => {
    at = await desk('well');
  });
  afterAll(() => at.clear());

  it('asks where the project is, shows the whole command, and offers to take back this migration alone', async () => {
    await toCommand(at);
    const shown = await at.operator.read();
    expect(shown).toMatch(/mix ecto\.rollback/);
    expect(shown).toContain('Copied before it, into backout_archive');
    expect(at.operator.asked()).toContain(VERSION);
    expect(await at.database.use(orderless)).toEqual(at.before);
  });

  it('begins only on the typed name, and once what stands above it was read', async () => {
    await at.operator.answer(NOW_WHAT, 'x');
    await at.operator.untilAsked(RUN);
    await readToEnd(at.operator);
    await at.operator.submit(RUN, 'yes');
    await at.operator.untilAsked(/"yes" is not it/);
    expect(await versions(at.database)).toContain(VERSION);
    await at.operator.pty.press('ctrl-u');
    await at.operator.submit(RUN, at.database.name);
  });

  it('says what it did, its output, and what down leaves out', async () => {
    await at.operator.untilAsked(/What is left is done step by step/);
    const said = await at.operator.read();
    expect(said).toContain('It changed this database.');
    expect(said).toMatch(/Step by step, what is left: Step 1/);
    expect(said).toContain(`== Running ${VERSION}`);
    expect(await versions(at.database)).not.toContain(VERSION);
  });

  it('goes on with what is left, each step confirmed, to a verified report', async () => {
    await at.operator.pty.press('enter');
    await at.operator.answer(PLAN, 'enter');
    for (;;) {
      const asked = await at.operator.untilAsked(
        /(To run|Run) Step \d( now|, exactly)|Enter goes on to the checklist/,
      );
      const [, step] = /(?:To run|Run) Step (\d)/.exec(asked) ?? [];
      if (step === undefined) break;
      await (asked.includes('To run')
        ? confirmStep(at.operator, Number(step), at.database.name)
        : confirmByKey(at.operator, Number(step)));
      await at.operator.answer(new RegExp(`Step ${step} is done`), 'enter');
    }
    await toReport(at.operator);
    const said = await at.operator.read();
    expect(said).toContain('Rolled back and verified');
    expect(said).toMatch(/✓ done +Quick rollback: done/);
    expect(said).toMatch(/Archive: 17 objects/);
    expect(said).not.toContain('step-4 not-run');
    const result = (await at.operator.journalOf('result')).at(-1);
    expect(result).toMatchObject({ outcome: 'verified', exitStatus: 0 });
    expect(result?.steps[0]).toEqual({ id: 'quick', outcome: 'done' });
    expect((await at.operator.journalOf('quick'))[0]).toMatchObject({ result: { exitStatus: 0 } });
  });
});

describe('a quick rollback that hangs', () => {
  let at: Desk;
  oneWalk();
  beforeAll(async () => {
    at = await desk('hangs');
  });
  afterAll(() => at.clear());

  it('is seen at work, keeps q from leaving it, and ctrl-c ends it', async () => {
    await toCommand(at);
    await at.operator.answer(NOW_WHAT, 'x');
    await at.operator.untilAsked(RUN);
    await readToEnd(at.operator);
    await at.operator.submit(RUN, at.database.name);
    await at.operator.untilAsked(/The command is running/);
    await at.operator.pty.waitFor('waiting for nothing');
    await at.operator.pty.press('q');
    await at.operator.pty.waitFor(/Stop it first with\s+ctrl-c/);
    await at.operator.pty.press('ctrl-c');
    await at.operator.untilAsked(/Step by step/);
  });

  it('changed nothing, says so, and the database is as it was', async () => {
    expect(await at.operator.read()).toContain('waiting for nothing');
    expect(await versions(at.database)).toContain(VERSION);
    expect(await at.database.use(orderless)).toEqual(at.before);
    await at.operator.pty.press('s');
    await at.operator.untilAsked(/Enter closes backout/);
    const result = (await at.operator.journalOf('result')).at(-1);
    expect(result?.steps[0]).toEqual({ id: 'quick', outcome: 'rolled-back' });
    expect((await at.operator.journalOf('quick'))[0]?.result).toMatchObject({ signal: 'SIGTERM' });
  });
});
