/** Records of drills: kept for their owner alone, read with care when they are handed over, summed up in a table. */
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/commands/args.ts';
import { processIo, type Io } from '../../../src/commands/io.ts';
import { practiceRecordCommand, recordBlocks } from '../../../src/commands/practice-record.ts';
import { UserError } from '../../../src/exit.ts';
import { recordsDirectory, saveRecord } from '../../../src/practice/record/folder.ts';
import { readRecords } from '../../../src/practice/record/read.ts';
import { progressOf, tableOf } from '../../../src/practice/record/table.ts';
import type { DrillRecord } from '../../../src/practice/record/types.ts';
import { debriefOf } from '../../../src/practice/score/debrief.ts';
import { DRILL, hint, journal, result, RIGHT, started, WHOLE, WRONG } from '../score/support.ts';

let state = '';
let records = '';

beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'backout-records-'));
  records = recordsDirectory({ XDG_STATE_HOME: state }, '/nowhere');
});
afterEach(() => rm(state, { recursive: true, force: true }));

function record(
  id: string,
  person: string,
  lines = RIGHT,
  endedAt = '2026-11-22T03:05:00.000Z',
): DrillRecord {
  const debrief = { ...debriefOf(DRILL, journal(lines), WHOLE), person, endedAt };
  return { schema: 'backout.drill-record/1', id, person, version: '0.1.0', runs: [id], debrief };
}

async function told(args: string[]): Promise<{ status: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const io: Io = {
    ...processIo({ version: '0', root: '/' }),
    env: { XDG_STATE_HOME: state },
    out: async (text) => void (out += text),
    err: async (text) => void (err += text),
  };
  const parsed = parseCommandLine(['practice', ...args]);
  if (parsed.kind !== 'command' || !parsed.options.record) throw new Error('not understood');
  const status = await practiceRecordCommand(io, parsed.options, parsed.options.record.handedOver);
  return { status, out, err };
}

describe('a record', () => {
  it('is written whole, for its owner alone, as JSON and Markdown', async () => {
    const { jsonPath, markdownPath } = await saveRecord(records, record('a', 'ada'));
    expect((await stat(records)).mode & 0o777).toBe(0o700);
    expect((await stat(jsonPath)).mode & 0o777).toBe(0o600);
    expect((await stat(markdownPath)).mode & 0o777).toBe(0o600);
    expect((await readdir(records)).sort()).toEqual(['a.json', 'a.md']);
  });

  it('is read back as it was, and one of the same attempt replaces it', async () => {
    await saveRecord(records, record('a', 'ada', WRONG));
    await saveRecord(records, record('a', 'ada', RIGHT));
    const { records: read, broken } = await readRecords(records);
    expect(broken).toEqual([]);
    expect(read).toEqual([JSON.parse(JSON.stringify(record('a', 'ada')))]);
  });

  it('is not written where others may write', async () => {
    await mkdir(records, { recursive: true });
    await chmod(records, 0o777);
    await expect(saveRecord(records, record('a', 'ada'))).rejects.toThrow(UserError);
  });
});

describe('what is handed over', () => {
  it('is merged, and counts once where it is there twice', async () => {
    const other = join(state, 'handed');
    await saveRecord(records, record('a', 'ada'));
    await saveRecord(other, record('a', 'ada'));
    await saveRecord(other, record('b', 'bea', WRONG));
    const { records: read, broken } = await readRecords(records, [other, join(other, 'b.json')]);
    expect(read.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(broken).toEqual([]);
  });

  it('is named and passed over where it is broken, missing, something else, or a link', async () => {
    const other = join(state, 'handed');
    await saveRecord(other, record('good', 'ada'));
    await writeFile(join(other, 'torn.json'), '{"schema": "backout.dr');
    await writeFile(join(other, 'else.json'), '{"schema": "backout.report/1"}');
    const much = record('much', 'ada');
    const points = { ...much, debrief: { ...much.debrief, score: { points: 400 } } };
    await writeFile(join(other, 'much.json'), JSON.stringify(points));
    await symlink('/etc/passwd', join(other, 'link.json'));
    const { records: read, broken } = await readRecords(records, [other, join(state, 'gone')]);
    expect(read.map(({ id }) => id)).toEqual(['good']);
    expect(broken.map(({ path, reason }) => [path.slice(state.length + 1), reason])).toEqual([
      ['handed/else.json', 'it is not the record of a drill, or one of another version'],
      ['handed/link.json', 'it is a link'],
      ['handed/much.json', 'its field debrief.score.points is wrong'],
      ['handed/torn.json', 'it is not JSON'],
      ['gone', 'there is no such file or folder'],
    ]);
  });

  it('is not believed where it says something else of an attempt that is known', async () => {
    const other = join(state, 'handed');
    await saveRecord(records, record('a', 'ada', WRONG));
    await saveRecord(other, record('a', 'ada', RIGHT));
    const { records: read, broken } = await readRecords(records, [other]);
    expect(read).toHaveLength(1);
    expect(broken[0]?.reason).toContain('something else of the same attempt');
  });
});

describe('the table', () => {
  const both = [
    record('late', 'ada', WRONG, '2026-11-23T00:00:00.000Z'),
    record('early', 'ada', [...RIGHT, hint('1', 5)], '2026-11-22T00:00:00.000Z'),
    record('other', 'bea'),
  ];

  it('has a row for each person and drill: attempts, best, last by time, hints', () => {
    const [wrong, right] = both.map(({ debrief }) => debrief.score.points);
    expect(tableOf(both)).toMatchObject([
      { person: 'ada', attempts: 2, best: right, last: wrong, lastAt: '2026-11-23T00:00:00.000Z', hints: 1 },
      { person: 'bea', attempts: 1, hints: 0 },
    ]);
    expect(Object.keys(progressOf(both, 'bea'))).toEqual(['empty-backup']);
    expect(progressOf(both, 'cyd')).toEqual({});
  });

  it('counts an attempt that was left before a decision as one, with no points', () => {
    const walkedAway = record('away', 'ada', [started, result('declined')], '2026-11-24T00:00:00.000Z');
    expect(tableOf([...both, walkedAway])[0]).toMatchObject({
      attempts: 3,
      left: 1,
      best: both[1]?.debrief.score.points,
      last: null,
    });
    expect(progressOf([walkedAway], 'ada')['empty-backup']).toMatchObject({
      attempts: 1,
      left: 1,
      best: null,
    });
    const row = recordBlocks(tableOf([walkedAway]), '/r')[0];
    expect(row?.kind === 'table' ? row.rows[0] : []).toMatchObject({ 4: '1', 5: '-', 6: '-' });
  });

  it('is printed for people and as JSON; the status says that something was passed over', async () => {
    expect((await told(['--record'])).out).toContain('No drill was practised to its end yet');
    await saveRecord(records, record('a', 'ada'));
    const good = await told(['--record', '--json']);
    expect(good.status).toBe(0);
    expect(JSON.parse(good.out)).toMatchObject({
      schema: 'backout.practice-record/1',
      rows: [{ person: 'ada', drill: 'empty-backup' }],
      broken: [],
    });
    const bad = await told(['--record', '/nowhere/at/all']);
    expect(bad.status).toBe(65);
    expect(bad.err).toBe('Passed over: /nowhere/at/all: there is no such file or folder.\n');
    expect(bad.out).toMatch(/ada\s+empty-backup\s+seasoned/);
  });

  it('is of one person alone where one is named', async () => {
    await saveRecord(records, record('a', 'ada'));
    await saveRecord(records, record('b', 'bea'));
    const { out } = await told(['--record', '--person', 'bea', '--json']);
    expect((JSON.parse(out) as { rows: { person: string }[] }).rows.map(({ person }) => person)).toEqual([
      'bea',
    ]);
  });
});
