/** The wizard on 80 by 24 while a foreign key keeps the rollback from starting: m, the repair, g, the rollback goes through. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import { acceptWarnings, CLOSE, PLAN, readToEnd, runOn, TARGET, toStepOne } from './support/questions.ts';
import { oneWalk } from './support/walk.ts';

beforeAll(() => built());

const KEY = `SELECT conname FROM pg_constraint WHERE conname = 'git_commits_session_id_fkey'`;
const BLOCKED = /The rollback does not start here\. What now\?/;

describe('git_commits with a key to a column that Step 2 drops', () => {
  let database: TestDatabase;
  let operator: Operator;
  oneWalk();
  beforeAll(async () => {
    database = await freshDatabase();
    await database.use((db) =>
      db.exec(`CREATE TABLE git_commits (
          id uuid PRIMARY KEY,
          session_id varchar(255) CONSTRAINT git_commits_session_id_fkey REFERENCES git_agent_sessions (agent_id));
        INSERT INTO git_commits SELECT id, agent_id FROM git_agent_sessions LIMIT 3`),
    );
    operator = await atTerminal(['--database', database.url], { columns: 80, rows: 24 });
  });
  afterAll(async () => {
    await operator.dispose();
    await database.drop();
  });

  it('blocks the rollback, with the entry of the runbook and what could be mended', async () => {
    await operator.answer(TARGET, 'enter');
    const asked = await operator.untilAsked(BLOCKED);
    expect(asked).toContain('m Mend it: 1 repair to choose from');
    const shown = await operator.read();
    expect(shown).toMatch(/The runbook's troubleshooting: Foreign key constraint\s+violations/);
    expect(shown).toContain('What could be mended');
  });

  it('is shown on m with its definition and the SQL that drops it; nothing is run by that', async () => {
    await operator.pty.press('m');
    await operator.untilAsked(/What is to be mended\?.*\[x\] Drop the foreign key/);
    const shown = await operator.read();
    expect(shown).toContain('ALTER TABLE git_commits DROP CONSTRAINT git_commits_session_id_fkey');
    expect(shown).toMatch(/REFERENCES\s+git_agent_sessions\(agent_id\)/);
    await operator.pty.press('escape');
    await operator.untilAsked(BLOCKED);
    await operator.pty.press('m');
    await operator.untilAsked(/What is to be mended\?/);
    expect((await database.use((db) => db.query(KEY))).rows).toHaveLength(1);
  });

  it('is dropped by the repair, confirmed there with its SQL in view', async () => {
    await operator.pty.press('g');
    await operator.answer(TARGET, 'enter');
    await acceptWarnings(operator);
    await operator.answer(/Enter goes on to the plan/, 'enter');
    await operator.answer(PLAN, 'enter');
    await operator.untilAsked(/Run Repair 1 now/);
    await readToEnd(operator);
    await operator.pty.press('y');
    await operator.answer(/Repair 1 is done/, 'enter');
    await operator.answer(/Enter goes on to the report/, 'enter');
    await operator.untilAsked(CLOSE);
    expect(operator.shown()).toContain('Repaired and verified.');
    expect((await database.use((db) => db.query(KEY))).rows).toHaveLength(0);
  });

  it('and the rollback goes through on g', async () => {
    await operator.pty.press('g');
    await toStepOne(operator);
    await runOn(operator, database.name, 1);
    expect(operator.shown()).toMatch(/Verified: all \d+ checks hold\./);
  });

  it('and a shows what has to change in the application, edited only when that is typed', async () => {
    const folder = join(operator.state, 'app');
    const file = join(folder, 'lib', 'snapshot.ex');
    await mkdir(join(folder, 'lib'), { recursive: true });
    await writeFile(file, 'schema "codebase_snapshots" do\n  field :codebase_id, :string\nend\n');
    await operator.pty.press('a');
    await operator.submit(/In which folder is the source of the application/, folder);
    await operator.untilAsked(/What is to be done about the application\?/);
    // A frame may be read while it is being drawn: then once more.
    await expect
      .poll(() => operator.read(), { timeout: 30_000 })
      .toMatch(/-schema "codebase_snapshots" do.*\+schema "detection_events" do/);
    await operator.pty.press('e');
    await operator.submit(/This edits 1 file of the application/, 'yes');
    await operator.answer(/"yes" is not it/, 'escape');
    await operator.untilAsked(/What is to be done about the application\?/);
    expect(await readFile(file, 'utf8')).toContain('codebase_snapshots');
    await operator.pty.press('e');
    await operator.untilAsked(/This edits 1 file of the application/);
    await readToEnd(operator);
    await operator.submit(/This edits 1 file of the application/, 'edit the files');
    await expect
      .poll(() => readFile(file, 'utf8'), { timeout: 30_000 })
      .toContain('schema "detection_events" do\n  field :event_type, :string');
    await operator.untilAsked(/f Look in another folder/);
    expect(await readFile(`${file}.before-backout`, 'utf8')).toContain('codebase_id');
  });
});
