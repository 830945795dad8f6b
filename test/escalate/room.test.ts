/** Room for a copy beside the damaged database: judged from what is known, and asked of a real server. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createActs } from '../../src/escalate/acts.ts';
import { writeLog } from '../../src/escalate/log.ts';
import { judgeRoom, lookAtRoom } from '../../src/escalate/room.ts';
import { scratchFolder } from '../backup/support.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { asRole, resolvePlace, roleNames } from './support.ts';

const MB = 1024 * 1024;
const known = (size: number | null, free: number | null) => ({ size, free, why: 'nobody may ask' });

describe('whether it fits', () => {
  test.each([
    ['more free than it takes', known(100 * MB, 101 * MB), 10 * MB, false, /101 MB are free.*takes 100 MB/],
    ['less free than it takes', known(100 * MB, 99 * MB), 10 * MB, false, /It may not fit.*make room first/],
    ['less free than the backup', known(100 * MB, 9 * MB), 10 * MB, true, /it does not fit/],
    [
      'nothing known of the disk',
      known(100 * MB, null),
      10 * MB,
      false,
      /is not known: nobody may ask.*100 MB.*df/,
    ],
    [
      'nothing known of the database',
      known(null, 99 * MB),
      10 * MB,
      false,
      /99 MB are free.*not known: nobody/,
    ],
  ])('%s', (_, room, backup, refused, words) => {
    const judged = judgeRoom(room, backup);
    expect(judged.refused).toBe(refused);
    expect(judged.words).toMatch(words);
  });
});

describe('on a server', () => {
  let database: TestDatabase;
  const roles = roleNames();
  const folder = scratchFolder();

  beforeEach(async () => {
    database = await freshDatabase();
    await database.use((db) => db.exec(`CREATE ROLE ${roles.app} LOGIN PASSWORD 'x'`));
  });
  afterEach(async () => {
    await database.use((db) => db.exec(`DROP OWNED BY ${roles.app}; DROP ROLE ${roles.app}`));
    await database.drop();
  });

  test('of this machine both are told; where its directory may not be seen, that is said', async () => {
    const size = await database.use(async (db) =>
      Number(
        ((await db.query('SELECT pg_database_size(current_database()) AS s')).rows[0] as { s: string }).s,
      ),
    );
    const seen = await lookAtRoom(await resolvePlace(database.url));
    expect(seen.why).toBe('');
    expect(seen.free).toBeGreaterThan(0);
    expect(seen.size).toBeGreaterThan(size * 0.9);
    const hidden = await lookAtRoom(await resolvePlace(asRole(database.url, roles.app)));
    expect(hidden).toMatchObject({
      free: null,
      why: expect.stringContaining('may not be seen from here') as string,
    });
  });

  test('an act that is done stays done where its end cannot be written down, and that is said', async () => {
    const place = await resolvePlace(database.url);
    const acts = createActs({
      place: () => place,
      commands: [],
      allowed: { runbook: null, config: null },
      projectFolder: null,
      status: {} as never,
      release: () => Promise.resolve(),
      log: (line) => writeLog(line.what === 'begun' ? folder : '/dev/null/none', line),
      handOver: () => Promise.resolve([]),
    });
    const { token } = await acts.prepare('stop-writes', {});
    const done = await acts.carryOut(token, () => undefined);
    expect(done.ok).toBe(true);
    expect(done.lines.at(-1)).toMatch(
      /end of stop-writes could not be written into escalations\.jsonl: .*ENOTDIR/,
    );
    expect((await acts.look()).stopped).not.toBeNull();
    await acts.carryOut((await acts.prepare('allow-writes', {})).token, () => undefined);
  });
});
