/** A run without an operator, on a real server that does not stand still: it confirms nothing anew, and asks what became of a COMMIT. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Io } from '../../src/commands/io.ts';
import { startProxy, type Cut } from '../runtime/proxy.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { linesOf, openDesk, type Desk, type Ended } from './support/io.ts';

interface Line {
  type: string;
  [field: string]: unknown;
}

const lines = (text: string): Line[] => linesOf<Line>(text);

let desk: Desk;
let database: TestDatabase;
beforeEach(async () => {
  [desk, database] = await Promise.all([openDesk(), freshDatabase()]);
});
afterEach(async () => {
  await database.drop();
  await desk.clear();
});

const ACCEPTED = ['privileges', 'backup', 'activity', 'replication', 'disk'];

/** `heard` is called with all that is shown, before the run goes on. */
async function run(
  url: string,
  heard: (text: string) => Promise<void>,
  more: Partial<Io> = {},
): Promise<Ended> {
  const words = ['run', '--database', url, '--confirm', database.name, '--choose', 'rollback', '--json'];
  let [out, err] = ['', ''];
  const { status } = await desk.run([...words, ...ACCEPTED.flatMap((id) => ['--accept', id])], {
    out: (text) => {
      out += text;
      return Promise.resolve();
    },
    err: async (text) => {
      err += text;
      await heard(text);
    },
    ...more,
  });
  return { status, out, err };
}

const TRIGGER = `
  CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER planted BEFORE UPDATE ON public.codebase_snapshots FOR EACH ROW EXECUTE FUNCTION public.planted()`;

describe('somebody changes a table right after the confirmation', () => {
  it('stops with 13, runs nothing, and says what changed', async () => {
    let changed = false;
    const { status, out, err } = await run(database.url, async (text) => {
      if (changed || !/\? .*run Step 1/is.test(text)) return;
      changed = true;
      await database.use(async (db) => void (await db.exec(TRIGGER)));
    });
    expect(changed).toBe(true);
    expect(status).toBe(13);
    const events = lines(out);
    expect(events.at(-1)).toMatchObject({
      outcome: 'stopped',
      exitStatus: 13,
      steps: [{ id: 'step-1', outcome: 'not-run' }, {}, {}, {}],
    });
    expect(events.filter(({ type }) => type === 'step-confirmed')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'prerequisites')).toHaveLength(2);
    expect(events.find(({ type }) => type === 'note')).toMatchObject({
      text: expect.stringMatching(/is void.+Nothing was run\. .*planted/) as string,
    });
    expect(err).toContain('> stop (somebody changed the database after this was confirmed');
    await database.use(async (db) => {
      const { rows } = await db.client.query(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'codebase_snapshots'::regclass AND tgname = 'planted'",
      );
      expect(rows).toHaveLength(1);
    });
  });
});

describe('a COMMIT without an answer', () => {
  const cut = async (how: Cut): Promise<Ended> => {
    const proxy = await startProxy(database.url);
    let armed = false;
    try {
      return await run(proxy.url, (text) => {
        if (!armed && text.includes('Running, in one transaction')) proxy.arm(how);
        armed ||= text.includes('Running, in one transaction');
        return Promise.resolve();
      });
    } finally {
      await proxy.close();
    }
  };
  const ofStep1 = (out: string): unknown[] =>
    lines(out)
      .filter(({ type, step }) => type === 'step-finished' && step === 'step-1')
      .map(({ outcome }) => outcome);

  it('is asked for; it was committed, and the run goes on to its end', async () => {
    const { status, out } = await cut('before-the-answer');
    expect(ofStep1(out)).toEqual(['unknown', 'done']);
    expect(status).toBe(0);
    expect(lines(out).at(-1)).toMatchObject({ outcome: 'verified', exitStatus: 0 });
  });

  it('is asked for; it never arrived, and the run ends with 12', async () => {
    const { status, out } = await cut('before-the-server');
    expect(ofStep1(out)).toEqual(['unknown', 'rolled-back']);
    expect(status).toBe(12);
    expect(lines(out).at(-1)).toMatchObject({
      outcome: 'sql-failed',
      steps: [{ outcome: 'rolled-back' }, {}, {}, {}],
    });
  });
});

describe('a journal that cannot be written', () => {
  it('runs nothing, says why, and still prints the result', async () => {
    const env = { XDG_STATE_HOME: '/dev/null' };
    const { status, out, err } = await run(database.url, () => Promise.resolve(), { env });
    expect(status).toBe(12);
    expect(lines(out).at(-1)).toMatchObject({ type: 'result', exitStatus: 12, seq: null, unwritten: true });
    expect(err).toContain('/dev/null/backout/runs');
    expect(err).not.toContain('mistake in backout');
    await database.use(async (db) => {
      const { rows } = await db.client.query("SELECT to_regclass('public.codebase_snapshots') AS t");
      expect(rows).toEqual([{ t: 'codebase_snapshots' }]);
    });
  });
});
