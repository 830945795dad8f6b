/** The wizard on 80 by 24 as a role that may not create a schema: no archive, unless the operator types that they go without. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import {
  acceptWarnings,
  answerCriteria,
  decide,
  PREREQUISITES,
  runOn,
  TARGET,
  toReport,
  typing,
} from './support/questions.ts';
import { snapshot, tables } from './support/snapshot.ts';
import { oneWalk } from './support/walk.ts';

const BLOCKED = /The rollback does not start here\. What now\?/;
const TYPED = /To go on like that, type: without archive/;

beforeAll(() => built());

describe('a role without CREATE on the database', () => {
  let database: TestDatabase;
  let operator: Operator;
  const role = `app_${randomBytes(4).toString('hex')}`;
  oneWalk();
  beforeAll(async () => {
    database = await freshDatabase();
    const url = new URL(database.url);
    await database.use(async (db) => {
      await db.exec(
        `CREATE ROLE ${role} LOGIN PASSWORD '${url.password}'; GRANT ALL ON SCHEMA public TO ${role}`,
      );
      for (const table of await tables(db)) await db.exec(`ALTER TABLE ${table} OWNER TO ${role}`);
    });
    url.username = role;
    operator = await atTerminal(['--database', url.href], { columns: 80, rows: 24 });
  });
  afterAll(async () => {
    await operator.dispose();
    const other = await freshDatabase({ state: 'empty' });
    await database.drop();
    await other.use((db) => db.exec(`DROP ROLE ${role}`));
    await other.drop();
  });

  it('fails the prerequisite, says which right is missing, and offers to go without', async () => {
    await operator.answer(TARGET, 'enter');
    const asked = await operator.untilAsked(BLOCKED);
    expect(asked).toContain('w Go without an archive Nothing is kept; the words are to be typed.');
    expect(asked).toMatch(/› l Leave/);
    const said = await operator.read();
    expect(said).toContain(`${role} may not create schema backout_archive in this database`);
    expect(said).toMatch(/✗ FAIL/);
  });

  it('wants the words typed, not Enter nor a yes', async () => {
    await operator.answer(BLOCKED, 'w');
    await operator.answer(TYPED, 'enter');
    await operator.untilAsked(/Nothing was typed\./);
    await operator.submit(TYPED, 'yes');
    await operator.untilAsked(/is not it\./);
    await operator.pty.press('ctrl-u');
    expect((await operator.journalOf('consent')).map(({ id }) => id)).toEqual([]);
    await operator.submit(TYPED, 'without archive');
    await acceptWarnings(operator);
    const [typed] = await operator.journalOf('consent');
    expect(typed).toMatchObject({ id: 'archive', detail: expect.stringContaining('without') as string });
  });

  it('says at each step that nothing is kept, and rolls back all the same', async () => {
    const before = await database.use(snapshot);
    await operator.answer(PREREQUISITES, 'enter');
    await answerCriteria(operator);
    await decide(operator);
    expect(await operator.untilAsked(typing(1))).toContain('nothing of it is kept');
    expect(await operator.read()).toContain('nothing that is destroyed is kept, and there is no undo');
    expect(await database.use(snapshot)).toEqual(before);
    await runOn(operator, database.name, 1);
    expect(operator.shown()).toMatch(/Verified: all \d+ checks hold\./);
  });

  it('says in the report that nothing is kept, and offers no undo; exit status 0', async () => {
    await toReport(operator);
    expect(await operator.read()).toContain('nothing that is destroyed is kept, and there is no undo');
    expect(operator.asked()).toContain('(u Undo this run)');
    await operator.pty.press('u');
    await operator.untilAsked(/without an archive/i);
    await operator.pty.press('enter');
    expect(await operator.pty.exit).toEqual({ exitCode: 0, signal: 0 });
    expect(operator.pty.leftovers()).toEqual([]);
    const { rows } = await database.use((db) =>
      db.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'backout%'"),
    );
    expect(rows).toEqual([]);
    expect(await database.use(tables)).not.toContain('git_merge_history');
  });
});
