/** The command as a child process, and what the database says afterwards: failure, half of it, a skip, a hang, a crash in between. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseRuns } from '../../src/commands/database-runs.ts';
import { foundWords } from '../../src/commands/find-run.ts';
import type { QuickFound, QuickLook } from '../../src/quick/types.ts';
import { stepRows } from '../../src/postgres/store.ts';
import type { Event } from '../../src/wizard/types.ts';
import { snapshot } from '../e2e/support/snapshot.ts';
import { openBench, type Bench as Sessions } from '../postgres/support.ts';
import { allOf, harness, lastOf, type During, type Harness } from '../runtime/harness.ts';
import { DOWN, fakeProject, type FakeProject, VERSION } from './support.ts';

let bench: Sessions;
let project: FakeProject;
let run: Harness;

beforeEach(async () => {
  bench = await openBench({});
});
afterEach(async () => {
  await run.end();
  await project.clear();
  await bench.close();
});

type Behaviour = 'well' | 'fails' | 'no-transaction' | 'hangs';

async function prepare(
  behaviour: Behaviour,
  more: Parameters<typeof fakeProject>[1] = {},
  to = bench.database.url,
): Promise<void> {
  project = await fakeProject(to, more);
  run = await harness(bench.database.url, {
    quick: {
      folders: [{ path: project.folder, from: 'the test', said: true }],
      cwd: '/',
      memory: null,
      env: { PATH: project.path, FAKE_MIX: behaviour },
      url: null,
    },
  });
}

const lookOf = async (): Promise<QuickLook> => {
  const [looked] = allOf(await run.perform({ type: 'look-quick' }), 'quick-looked');
  if (!looked?.look) throw new Error('it was not looked at');
  return looked.look;
};

async function quick(during?: During): Promise<Event[]> {
  const survey = await run.survey();
  const look = await lookOf();
  const command = look.commands[0]?.command ?? '';
  return run.perform(
    { type: 'run-quick', command, folder: project.folder, give: 'nothing', survey: survey.hash, look },
    during,
  );
}

function found(events: Event[]): QuickFound {
  const last = lastOf(events);
  if (last.type !== 'quick-ended') throw new Error(JSON.stringify(last));
  return last.end.found;
}

const rowsOfSteps = async () => stepRows(bench.session, run.run);

describe('the command', () => {
  it('that fails inside its transaction changed nothing, and nothing is claimed', async () => {
    await prepare('fails');
    const before = await bench.database.use(snapshot);
    const events = await quick();
    expect(found(events)).toMatchObject({ changed: false, recorded: true, undoable: false });
    expect(found(events).words.join(' ')).toContain('It failed, with exit status 1.');
    expect(
      allOf(events, 'quick-line')
        .map(({ line }) => line)
        .join('\n'),
    ).toContain('object_in_use');
    expect(await bench.database.use(snapshot)).toEqual(before);
    expect(await rowsOfSteps()).toEqual([]);
    const journal = await run.journal();
    expect(journal.map(({ type }) => type)).toEqual(expect.arrayContaining(['quick-started', 'quick']));
  });

  it('that fails half-way without a transaction: what is done is found, the rest is left to do', async () => {
    await prepare('no-transaction');
    const told = found(await quick());
    expect(told).toMatchObject({ changed: true, recorded: true, undoable: true });
    expect(told.words.join(' ')).toContain('codebase_snapshots is detection_events now.');
    expect(told.words.join(' ')).toContain(`${VERSION} is still recorded as applied.`);
    const [row] = await rowsOfSteps();
    expect(row).toMatchObject({ step: 'quick', undoneBy: null });
    expect(row?.detail.renamed).toEqual({ codebase_snapshots: 'detection_events' });
    expect(row?.detail.before.map(({ name }) => name)).toEqual(['codebase_snapshots']);
  });

  it('that skips a section without a word is found out', async () => {
    const [first = '', ...rest] = DOWN.split(/\n\n+/);
    await prepare('well', { own: [first, ...rest.slice(1)].join('\n\n') });
    const told = found(await quick());
    expect(told).toMatchObject({ changed: true, recorded: false });
    expect(told.words.join(' ')).toContain('although Step 2');
  });

  it('that works on another database is told so', async () => {
    const other = await openBench({});
    try {
      await prepare('well', {}, other.database.url);
      const told = found(await quick());
      expect(told.changed).toBe(false);
      expect(told.words[0]).toContain('it ran somewhere else, or it did nothing');
    } finally {
      await other.close();
    }
  });

  it('that hangs is asked to stop, and what it did is looked at once its session is gone', async () => {
    await prepare('hangs');
    const before = await bench.database.use(snapshot);
    const events = await quick((event) => {
      if (event.type === 'quick-line' && event.line.includes('waiting for nothing')) {
        run.runtime.perform({ type: 'stop-quick' }, () => undefined);
      }
    });
    const last = lastOf(events);
    expect(last).toMatchObject({
      type: 'quick-ended',
      end: { result: { signal: 'SIGTERM' }, found: { changed: false } },
    });
    expect(await bench.database.use(snapshot)).toEqual(before);
  });

  it('does not run when what was confirmed is not so any more', async () => {
    await prepare('well');
    const survey = await run.survey();
    const look = await lookOf();
    await bench.session.query(`INSERT INTO public.schema_migrations (version) VALUES (20990101000000)`);
    const command = look.commands[0]?.command ?? '';
    const events = await run.perform({
      type: 'run-quick',
      command,
      folder: project.folder,
      give: 'nothing',
      survey: survey.hash,
      look,
    });
    expect(lastOf(events).type).toBe('quick-changed');
    expect(allOf(events, 'quick-line')).toEqual([]);
  });

  it('sees what somebody wrote between the copy and the rollback', async () => {
    await prepare('well');
    let wrote: Promise<unknown> = Promise.resolve();
    const told = found(
      await quick((event) => {
        if (event.type !== 'quick-line' || !event.line.startsWith('Copied technology_templates')) return;
        wrote = bench.session.query(
          `INSERT INTO public.git_agent_sessions (id, agent_id, branch, status, inserted_at, updated_at)
           VALUES ('22222222-2222-2222-2222-222222222222', 'a', 'b', 'c', now(), now())`,
        );
      }),
    );
    await wrote;
    expect(told.words.join(' ')).toContain('git_sessions: 1 row there that the copy does not have.');
  });
});

describe('a run that was broken off after the copies', () => {
  it('is gone on with from what the command did', async () => {
    await prepare('well');
    const gone = await quick((event) => {
      // As a crash of backout would: nothing is written down any more once the command has ended.
      if (event.type === 'quick-settling') throw new Error('cut off');
    }).catch(() => []);
    expect(allOf(gone, 'quick-ended')).toEqual([]);
    expect(await rowsOfSteps()).toEqual([]);
    await run.runtime.close();
    const [left] = await databaseRuns(bench.session);
    expect(left).toMatchObject({ unsettled: true, steps: [] });
    expect(left && foundWords(left)).toContain('what the quick rollback did is not written down yet');
    const again = await harness(bench.database.url, { run: run.run, resume: run.run, runsDir: run.runsDir });
    try {
      await again.runtime.connect();
      const events = await again.perform({ type: 'check' });
      expect(allOf(events, 'taken-over')[0]?.resumed.doneBefore).toEqual(['quick']);
      expect((await rowsOfSteps()).map(({ step }) => step)).toEqual(['quick']);
      expect((await databaseRuns(bench.session))[0]).toMatchObject({ unsettled: false });
    } finally {
      await again.end();
    }
  });
});
