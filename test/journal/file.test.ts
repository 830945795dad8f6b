import fc from 'fast-check';
import { mkdtemp, open, readFile, rm, stat, symlink, chmod, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/exit.ts';
import { refusedByDisk } from '../../src/journal/disk.ts';
import {
  hasJournal,
  journalOn,
  openJournal,
  parseJournal,
  readJournal,
  reopenJournal,
} from '../../src/journal/file.ts';
import { findRun, runIds, newRunId, RUN_ID, runsDirectory } from '../../src/journal/folder.ts';
import { listRuns } from '../../src/journal/runs.ts';
import type { JournalBody } from '../../src/journal/types.ts';
import { explainError } from '../../src/postgres/explain.ts';

let dir: string;
const run = '20261122-0310-abcd';
const note = (text: string): JournalBody => ({ type: 'note', text });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'backout-journal-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('the journal on disk', () => {
  it('keeps events in the order of the calls, numbered without gaps, readable while open', async () => {
    const journal = await openJournal({ dir, run });
    await Promise.all(['one', 'two', 'three'].map((text) => journal.append(note(text))));
    const { events, torn } = await readJournal(journal.folder);
    expect(torn).toBe(false);
    expect(events.map((event) => [event.seq, event.type === 'note' && event.text])).toEqual([
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
    ]);
    await journal.close();
  });

  it('lets nobody else read it', async () => {
    const journal = await openJournal({ dir, run });
    await journal.append(note('x'));
    await journal.close();
    expect((await stat(journal.folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(journal.folder, 'journal.jsonl'))).mode & 0o777).toBe(0o600);
  });

  it('refuses a folder that others may write to, a link in its place, and a run that exists', async () => {
    const shared = join(dir, 'shared');
    await mkdir(shared);
    await chmod(shared, 0o777);
    await expect(openJournal({ dir: shared, run })).rejects.toThrow(/writable by other users/);
    const link = join(dir, 'link');
    await symlink(shared, link);
    await expect(openJournal({ dir: link, run })).rejects.toThrow(UserError);
    const journal = await openJournal({ dir, run });
    await expect(openJournal({ dir, run })).rejects.toMatchObject({ exitStatus: 77 });
    await journal.close();
  });

  it('drops a last line torn at any byte and keeps all before it', () => {
    const whole = ['a', 'b', 'c'].map(
      (text, index) =>
        `${JSON.stringify({ schema: 'backout.event/1', seq: index + 1, at: '2026-11-22T03:10:00.000Z', type: 'note', text })}\n`,
    );
    const text = whole.join('');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length }), (cut) => {
        const { events, torn } = parseJournal(text.slice(0, cut));
        const ends = whole.map((_, index) => whole.slice(0, index + 1).join('').length);
        expect(events).toHaveLength(ends.filter((end) => end <= cut).length);
        expect(torn).toBe(cut !== 0 && !ends.includes(cut));
      }),
    );
  });

  it('does not believe a journal that was edited in the middle', () => {
    const text =
      '{"schema":"backout.event/1","seq":2,"at":"2026-11-22T03:10:00.000Z","type":"note","text":"x"}\n';
    expect(() => parseJournal(text)).toThrow(/line 1/);
  });

  it('after a write that failed half-way goes on from the last whole line', async () => {
    const path = join(dir, 'journal.jsonl');
    const file = await open(path, 'a');
    let failing = false;
    const journal = journalOn(
      {
        write: (async (bytes: Buffer, offset: number) => {
          if (!failing) return file.write(bytes, offset);
          await file.write(bytes, 0, 7);
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        }) as typeof file.write,
        datasync: () => file.datasync(),
        truncate: (length) => file.truncate(length),
        close: () => file.close(),
      },
      { run, folder: dir },
    );
    await journal.append(note('one'));
    failing = true;
    await expect(journal.append(note('lost'))).rejects.toThrow(/no space left on the disk \(ENOSPC\)/);
    failing = false;
    await journal.append(note('two'));
    await journal.close();
    const { events, torn } = parseJournal(await readFile(path, 'utf8'));
    expect(torn).toBe(false);
    expect(events.map((event) => event.seq)).toEqual([1, 2]);
  });

  it('reports a disk that is really full', async () => {
    const full = await open('/dev/full', 'a');
    const journal = journalOn(full, { run, folder: dir });
    const refused = await journal.append(note('x')).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UserError);
    expect(explainError(refused)).toEqual({
      message: `The journal ${join(dir, 'journal.jsonl')} cannot be written: there is no space left on the disk (ENOSPC).`,
      explanation: '',
      advice: expect.stringContaining('Without its journal no step is committed.') as string,
    });
    await journal.close();
  });

  it.each(['EFBIG', 'EDQUOT', 'EROFS', 'EACCES'])(
    'says of %s what it is; of anything else nothing',
    (code) => {
      const error = Object.assign(new Error('x'), { code });
      expect((refusedByDisk('The journal', '/j', error) as Error).message).toMatch(
        new RegExp(`^The journal /j cannot be written: .+ \\(${code}\\)\\.$`),
      );
      const other = Object.assign(new Error('x'), { code: 'EBADF' });
      expect(refusedByDisk('The journal', '/j', other)).toBe(other);
    },
  );
});

describe('a journal gone on with', () => {
  const begun = async (...texts: string[]): Promise<string> => {
    const journal = await openJournal({ dir, run });
    for (const text of texts) await journal.append(note(text));
    await journal.close();
    return join(journal.folder, 'journal.jsonl');
  };
  const texts = async (): Promise<string[]> => {
    const { events, torn } = await readJournal(join(dir, run));
    expect(torn).toBe(false);
    return events.map((event) => (event.type === 'note' ? event.text : event.type));
  };

  it('continues the numbers, also after a last line torn at any byte', async () => {
    const path = await begun('one', 'two');
    const whole = await readFile(path);
    const firstLine = whole.indexOf(0x0a) + 1;
    for (let cut = firstLine; cut <= whole.length; cut += 1) {
      await writeFile(path, whole.subarray(0, cut));
      const journal = await reopenJournal({ dir, run });
      await journal.append(note('after'));
      await journal.close();
      expect(await texts()).toEqual(cut === whole.length ? ['one', 'two', 'after'] : ['one', 'after']);
    }
  });

  it('is refused where it is a link, is not ours alone, or is no journal', async () => {
    const path = await begun('one');
    await chmod(join(dir, run), 0o770);
    await expect(reopenJournal({ dir, run })).rejects.toMatchObject({ exitStatus: 77 });
    await chmod(join(dir, run), 0o700);
    await writeFile(path, 'no event\n');
    await expect(reopenJournal({ dir, run })).rejects.toThrow(/line 1 of the journal/);
    const elsewhere = join(dir, 'elsewhere');
    await writeFile(elsewhere, '');
    await rm(path);
    await symlink(elsewhere, path);
    await expect(reopenJournal({ dir, run })).rejects.toMatchObject({ exitStatus: 77 });
  });

  it('is looked for under ids alone', async () => {
    expect(await hasJournal(dir, run)).toBe(false);
    await begun('one');
    expect(await hasJournal(dir, run)).toBe(true);
    expect(await hasJournal(join(dir, 'x'), `../${run}`)).toBe(false);
    await expect(reopenJournal({ dir: join(dir, 'x'), run: `../${run}` })).rejects.toMatchObject({
      exitStatus: 64,
    });
    await expect(openJournal({ dir, run: '../out' })).rejects.toMatchObject({ exitStatus: 64 });
  });

  it('belongs to whoever took it over: the first writer is refused', async () => {
    const first = await openJournal({ dir, run });
    await first.append(note('one'));
    const second = await reopenJournal({ dir, run });
    await second.append(note('two'));
    await expect(first.append(note('late'))).rejects.toMatchObject({ exitStatus: 75 });
    await second.append(note('three'));
    await Promise.all([first.close(), second.close()]);
    expect(await texts()).toEqual(['one', 'two', 'three']);
  });
});

describe('runs', () => {
  it('follow the XDG folder, but not a relative one', () => {
    expect(runsDirectory({ XDG_STATE_HOME: '/s' }, '/h')).toBe('/s/backout/runs');
    expect(runsDirectory({ XDG_STATE_HOME: 's' }, '/h')).toBe('/h/.local/state/backout/runs');
  });

  it('have ids that sort by time', () => {
    const id = newRunId(new Date('2026-11-22T03:10:59Z'), () => 0.5);
    expect(id).toMatch(RUN_ID);
    expect(id.startsWith('20261122-0310-')).toBe(true);
  });

  it('are found by the newest, by a beginning, and never by guessing', async () => {
    for (const id of ['20261121-0000-aaaa', '20261122-0310-abcd', '20261122-0310-abxx']) {
      await (await openJournal({ dir, run: id })).close();
    }
    await mkdir(join(dir, 'not-a-run'));
    expect(await findRun(dir)).toBe('20261122-0310-abxx');
    expect(await findRun(dir, '20261121')).toBe('20261121-0000-aaaa');
    await expect(findRun(dir, '20261122')).rejects.toThrow(/could be any of/);
    await expect(findRun(dir, '2027')).rejects.toMatchObject({ exitStatus: 64 });
    await expect(findRun(join(dir, 'none'))).rejects.toThrow(/no run/);
  });

  it('begun in the same minute, the newest is the one that began last, whatever its letters', async () => {
    const ids = ['20261122-0310-mmmm', '20261122-0310-zzzz', '20261122-0310-aaaa'];
    for (const [second, id] of ids.entries()) {
      const journal = await openJournal({
        dir,
        run: id,
        clock: () => new Date(Date.UTC(2026, 10, 22, 3, 10, second)),
      });
      await journal.append({ type: 'step-started', step: 'step-1', attempt: 1 });
      await journal.close();
    }
    expect(await runIds(dir)).toEqual(ids.toReversed());
    expect(await findRun(dir)).toBe('20261122-0310-aaaa');
  });

  it('are listed newest first, the unreadable as such', async () => {
    const journal = await openJournal({ dir, run });
    await journal.append({
      type: 'result',
      outcome: 'stopped',
      exitStatus: 13,
      run,
      steps: [{ id: 'step-1', outcome: 'done' }],
    });
    await journal.close();
    await mkdir(join(dir, '20261122-0311-zzzz'));
    const [newest, older] = await listRuns(dir);
    expect(newest?.unreadable).toMatch(/ENOENT/);
    expect(older).toMatchObject({ run, outcome: 'stopped', exitStatus: 13, unreadable: null });
  });
});
