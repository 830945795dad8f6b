/** At the prerequisites, on 80 by 24: no backup is named, one is taken and proved there, and the walk goes on with it. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clients, withDumps } from '../backup/support.ts';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import { acceptWarnings, PREREQUISITES, TARGET, WARNING } from './support/questions.ts';
import { snapshot } from './support/snapshot.ts';
import { oneWalk } from './support/walk.ts';

withDumps('a backup taken at the prerequisites', () => {
  let database: TestDatabase;
  let operator: Operator;
  let folder: string;
  oneWalk();
  beforeAll(async () => {
    await built();
    folder = mkdtempSync(join(tmpdir(), 'backout-backups-'));
    database = await freshDatabase();
    operator = await atTerminal(['--database', database.url], {
      columns: 80,
      rows: 24,
      cwd: folder,
      env: { PATH: [clients ?? '', process.env['PATH']].join(delimiter) },
    });
  });
  afterAll(async () => {
    await operator.dispose();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is offered beside the warning', async () => {
    await operator.answer(TARGET, 'enter');
    await operator.untilAsked(WARNING);
    await operator.pty.waitFor(/b Backup/);
    await operator.pty.press('b');
    const asked = await operator.untilAsked(/What about a backup\?/);
    expect(asked).toContain('Take one now');
    expect(operator.shown()).toContain('This run has no backup to fall back on');
  });

  it('is taken, checked, and then no warning any more; the database is as it was', async () => {
    const before = await database.use(snapshot);
    await operator.pty.press('t');
    await operator.answer(/Where to\?/, 'enter');
    await operator.untilAsked(/Warning: .*(privileges|superuser).* Go on in spite of it\?/i);
    const [name, ...more] = readdirSync(folder);
    expect(more).toEqual([]);
    expect(name).toMatch(new RegExp(`^${database.name}-\\d{8}-\\d{6}\\.dump$`));
    expect(statSync(join(folder, name ?? '')).mode & 0o777).toBe(0o600);
    expect(await acceptWarnings(operator)).toHaveLength(1);
    expect(await database.use(snapshot)).toEqual(before);
  });

  it('is proved on request, and that is said', async () => {
    await operator.answer(PREREQUISITES, 'b');
    await operator.answer(/What about a backup\?/, 'p');
    await operator.pty.waitFor(() => /the same rows in all \d+ tables/.test(operator.shown()));
    await operator.untilAsked(/What about a backup\?/);
    await operator.pty.press('c');
    await operator.untilAsked(PREREQUISITES);
    expect((await operator.journalOf('backup')).map(({ what }) => what)).toEqual(['taken', 'proved']);
  });

  it('goes on to the decision', async () => {
    await operator.pty.press('enter');
    await operator.untilAsked(/Is this so\?/);
  });
});
