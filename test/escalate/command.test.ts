/** `backout escalate` without a terminal: from words to exit status, on a real server. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clients, withDumps } from '../backup/support.ts';
import { openDesk, type Desk, type Ended } from '../cli/support/io.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { asRole, dropAll, roleNames } from './support.ts';

let desk: Desk;
let database: TestDatabase;
const roles = roleNames();

beforeEach(async () => {
  desk = await openDesk();
  database = await freshDatabase();
  await database.use((db) => db.exec(`CREATE ROLE ${roles.app} LOGIN PASSWORD 'x'`));
});

afterEach(async () => {
  await dropAll(database.name, roles.app);
  await desk.clear();
});

/** The password comes from the environment, as it should. */
function escalate(...words: string[]): Promise<Ended> {
  const url = new URL(database.url);
  const password = decodeURIComponent(url.password);
  url.password = '';
  const env = {
    ...process.env,
    XDG_STATE_HOME: desk.folder,
    PGPASSWORD: password,
    PATH: `${clients ?? ''}:${process.env['PATH'] ?? ''}`,
  };
  return desk.run(['escalate', '--database', url.href, ...words], { env });
}

const confirmed = (...words: string[]): Promise<Ended> => escalate(...words, '--confirm', database.name);

async function connects(): Promise<boolean> {
  const client = new pg.Client({ connectionString: asRole(database.url, roles.app) });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

const config = async (text: string): Promise<string> => {
  const path = join(desk.folder, 'backout.toml');
  await writeFile(path, text, { mode: 0o600 });
  return path;
};

describe('without a flag', () => {
  test('it tells whom to call and what can be done, and does nothing', async () => {
    const path = await config('[[contacts]]\nname = "Ada"\nhow = "+49 30 1234"\n');
    const shown = await escalate('--config', path);
    expect(shown).toMatchObject({ status: 0, err: '' });
    expect(shown.out).toMatch(/\+49 30 1234 +Ada/);
    expect(shown.out).toMatch(/--stop-writes --confirm NAME +stop all writes/);
    expect(shown.out).toMatch(/1 +\.\/stop-all\.sh/);
    expect(shown.out).not.toMatch(/^\W*\d+ +(?:dropdb|createdb|pg_restore)/m);
    const document = JSON.parse((await escalate('--config', path, '--json')).out) as Record<string, unknown>;
    expect(document).toMatchObject({
      schema: 'backout.escalate/1',
      contacts: [{ name: 'Ada' }],
      facts: { stopped: null, beside: [] },
      unread: null,
    });
  });

  test('contacts are told even where no server answers', async () => {
    const path = await config('[[contacts]]\nname = "Ada"\nhow = "+49 30 1234"\n');
    const words = ['--config', path, '--database', 'postgresql://nobody@127.0.0.1:1/orders'];
    const shown = await desk.run(['escalate', ...words]);
    expect(shown.status).toBe(0);
    expect(shown.out).toMatch(/\+49 30 1234/);
    expect(shown.out).toMatch(/could not be asked/);
  });
});

describe('stopping writes', () => {
  test('takes the name of the database; without it everything is shown and nothing done', async () => {
    for (const words of [[], ['--confirm', 'orders']]) {
      const refused = await escalate('--stop-writes', ...words);
      expect(refused.status).toBe(64);
      expect(refused.out).toMatch(/REVOKE CONNECT ON DATABASE/);
      expect(refused.err).toMatch(/Nothing was done/);
    }
    expect(await connects()).toBe(true);
  });

  test('and letting them in again; what was done is in the log, from before it was done', async () => {
    const stopped = await confirmed('--stop-writes');
    expect(stopped).toMatchObject({ status: 0, err: '' });
    expect(await connects()).toBe(false);
    expect((await escalate()).out).toMatch(/All writes are stopped, since .*, by tester@desk/);
    const allowed = await confirmed('--allow-writes', '--json');
    expect(JSON.parse(allowed.out)).toMatchObject({ act: 'allow-writes', done: { ok: true } });
    expect(await connects()).toBe(true);
    const log = await readFile(join(desk.folder, 'backout', 'escalations.jsonl'), 'utf8');
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { act: string; what: string });
    expect(lines.map(({ act, what }) => `${act} ${what}`)).toEqual([
      'stop-writes begun',
      'stop-writes done',
      'allow-writes begun',
      'allow-writes done',
    ]);
  });

  test('one thing at a time', async () => {
    expect((await confirmed('--stop-writes', '--swap')).status).toBe(64);
    expect(await connects()).toBe(true);
  });
});

describe('the status', () => {
  test('answers the runbook’s query and tells every step', async () => {
    const { status, out } = await escalate('--status');
    expect(status).toBe(0);
    expect(out).toMatch(/20250101000014/);
    expect(out).toMatch(/Step 1: Restore detection_events: pending/);
  });
});

describe('commands', () => {
  const other = async (): Promise<string> => {
    const shipped = new URL('../../runbooks/20250101000014-align-schema-table-names.md', import.meta.url);
    const path = join(desk.folder, 'other.md');
    const text = await readFile(shipped, 'utf8');
    await writeFile(path, text.replace('./stop-all.sh', 'echo it-ran-$((40 + 2))'));
    return path;
  };

  test('of another runbook are text; with --allow-commands they run on their own word', async () => {
    const runbook = await other();
    const project = join(desk.folder, 'project');
    await mkdir(project);
    const words = ['--runbook', runbook, '--command', '1', '--project', project];
    const text = await escalate(...words, '--confirm', 'echo');
    expect(text.status).toBe(10);
    expect(text.out).toMatch(/--allow-commands/);
    expect(text.err).not.toMatch(/it-ran/);
    const unconfirmed = await escalate(...words, '--allow-commands', '--confirm', database.name);
    expect(unconfirmed.status).toBe(64);
    expect(unconfirmed.err).not.toMatch(/it-ran/);
    const ran = await escalate(...words, '--allow-commands', '--confirm', 'echo');
    expect(ran.status).toBe(0);
    expect(ran.err).toMatch(/it-ran-42/);
  });

  test('of the runbook that ships need their folder, and what restores is never run', async () => {
    const open = await escalate('--command', '1', '--confirm', 'stop-all.sh');
    expect(open.status).toBe(64);
    expect(open.err).toMatch(/Give --project DIR/);
    const { commands } = JSON.parse((await escalate('--json')).out) as {
      commands: { act: string; command: string; what: string }[];
    };
    const restores = commands.filter(({ what }) => what === 'restore');
    expect(restores.length).toBeGreaterThan(0);
    const runs = restores.filter(({ command }) => /^(?:createdb|dropdb|pg_restore)/.test(command));
    for (const { act } of runs) {
      const never = await escalate(
        '--command',
        act.replace('command-', ''),
        '--allow-commands',
        '--confirm',
        'createdb',
      );
      expect(never.status).toBe(10);
      expect(never.out).toMatch(/backout restores by itself|never drops a database/);
    }
  });

  test('that fail are told with their exit status', async () => {
    const path = await config('[commands]\nstop = "sh -c \'echo no such unit >&2; exit 5\'"\n');
    const failed = await escalate('--config', path, '--command', '1', '--confirm', 'sh');
    expect(failed.status).toBe(14);
    expect(failed.err).toMatch(/no such unit/);
    expect(failed.out).toMatch(/exit status 5/);
  });
});

describe('the hand-over', () => {
  test('is a folder for its owner alone, and holds no secret', async () => {
    const secret = decodeURIComponent(new URL(database.url).password);
    expect(secret.length).toBeGreaterThan(5);
    await confirmed('--stop-writes');
    const folder = join(desk.folder, 'for-grace');
    const written = await escalate('--hand-over', folder);
    expect(written).toMatchObject({ status: 0, err: '' });
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(folder)) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
      expect(await readFile(join(folder, name), 'utf8')).not.toContain(secret);
    }
    const text = await readFile(join(folder, 'HAND-OVER.md'), 'utf8');
    expect(text).toMatch(/Nothing of the rollback has been done/);
    expect(text).toMatch(/--allow-writes --confirm/);
    expect((await escalate('--hand-over', folder)).status).toBe(77);
    await confirmed('--allow-writes');
  });

  test('tells of the last run on this database, with its journal and report beside', async () => {
    const url = database.url;
    const ran = await desk.run([
      ...['run', '--database', url, '--confirm', database.name, '--choose', 'rollback', '--accept', 'backup'],
      ...['--accept', 'activity', '--accept', 'room', '--accept', 'other-sessions'],
    ]);
    expect(ran.out + ran.err).not.toBe('');
    const folder = join(desk.folder, 'for-grace');
    expect((await escalate('--hand-over', folder)).status).toBe(0);
    expect((await readdir(folder)).toSorted()).toEqual(
      ['HAND-OVER.md', 'journal.jsonl', 'report.json', 'report.md'].toSorted(),
    );
    expect(await readFile(join(folder, 'HAND-OVER.md'), 'utf8')).toMatch(/rollback begun by tester on desk/);
  });
});

withDumps('restore and exchange', () => {
  test('a backup is restored beside, put in place, and taken out of it again', async () => {
    const backup = join(desk.folder, 'a.dump');
    await promisify(execFile)(join(clients ?? '', 'pg_dump'), ['-Fc', '-f', backup, database.url]);
    const count = () =>
      database.use(async ({ client }) => {
        const { rows } = await client.query<{ n: number }>(
          'SELECT count(*)::int AS n FROM codebase_snapshots',
        );
        return rows[0]?.n;
      });
    const before = await count();
    await database.use((db) => db.exec('DELETE FROM codebase_snapshots'));
    expect((await confirmed('--swap')).status).toBe(64);
    const restored = await confirmed('--restore', backup);
    expect(restored.status).toBe(0);
    expect(restored.err).toMatch(/processing data for table/);
    expect(restored.out).toMatch(/codebase_snapshots +\d+ +0/);
    expect(await count()).toBe(0);
    expect((await confirmed('--swap')).status).toBe(0);
    expect(await count()).toBe(before);
    expect((await confirmed('--swap-back')).status).toBe(0);
    expect(await count()).toBe(0);
  });
});
