/** Runs that were broken off: gone on with, here and on another machine, or undone. On a real server. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDesk, type Ended } from './support/io.ts';
import { openBench, runs, type Bench } from './support/rolled-back.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.clear());

/** A rollback, or what `words` say, that is asked to stop as soon as its first step, or so many, are done. */
async function brokenOff(words: string[] = ['run', '--choose', 'rollback'], after = 1): Promise<Ended> {
  let out = '';
  let asked = false;
  const argv = [...words, '--json', '--database', bench.database.url, '--confirm', bench.database.name];
  const ended = await bench.desk.run([...argv, '--accept', 'privileges', '--accept', 'backup'], {
    out: async (text) => {
      out += text;
      if (asked || out.split('"type":"step-finished"').length <= after) return;
      asked = true;
      bench.desk.signal('SIGTERM');
    },
  });
  return { ...ended, out };
}

const report = async (): Promise<Record<string, unknown>> =>
  JSON.parse((await bench.desk.run(['report', '--json'])).out) as Record<string, unknown>;

describe('backout resume', () => {
  it('goes on under the same id, after the steps that the database says are done', async () => {
    expect((await brokenOff()).status).toBe(143);
    const [run = ''] = await runs(bench);
    expect((await bench.backout('runs')).out).toContain(`"backout resume ${run}" goes on with it.`);

    const resumed = await bench.confirmed(['resume'], ['state']);
    expect(resumed.err).toMatch(
      new RegExp(`^Run ${run}, rollback by tester on desk, .*: done: step-1\\. Going on`),
    );
    expect(resumed.status).toBe(0);
    expect(resumed.out).toContain(`Run ${run} is taken over. Done by it: Step 1;`);
    expect(await runs(bench)).toEqual([run]);
    expect(await report()).toMatchObject({
      run,
      outcome: 'verified',
      sessions: [{ from: null }, { from: { operator: 'tester', host: 'desk' }, stepsDone: ['step-1'] }],
      steps: [1, 2, 3, 4].map((number) => ({ id: `step-${number}`, outcome: 'done' })),
    });
    expect((await report())['steps']).toMatchObject([{ attempts: 1 }, {}, {}, {}]);
    const again = await bench.confirmed(['resume', run]);
    expect(again).toMatchObject({ status: 64, out: '' });
    expect(again.err).toContain('has ended (verified)');
    expect((await bench.confirmed(['undo', run])).status).toBe(0);
  });

  it('goes on from another machine, whose journal says where the run came from', async () => {
    await brokenOff();
    const [run = ''] = await runs(bench);
    const other = await openDesk();
    const argv = ['resume', '--database', bench.database.url, '--confirm', bench.database.name];
    const resumed = await other.run(
      [...argv, ...['privileges', 'backup', 'state'].flatMap((id) => ['--accept', id])],
      {
        hostname: 'elsewhere',
      },
    );
    expect(resumed.status).toBe(0);
    const told = (await other.run(['report'])).out;
    expect(told).toContain(`# Rollback report ${run}`);
    expect(told).toMatch(/Resumed \| .* by tester on elsewhere, after the session of tester on desk/);
    await other.clear();
  });

  it('of a run that was broken off after its last step verifies it, and so ends it', async () => {
    const steps = 4;
    expect((await brokenOff(undefined, steps)).status).toBe(143);
    const resumed = await bench.confirmed(['resume']);
    expect(resumed.status).toBe(0);
    expect(await report()).toMatchObject({ outcome: 'verified', verification: { ok: true } });
    expect((await brokenOff(['undo'], steps)).status).toBe(143);
    expect((await bench.confirmed(['resume'])).status).toBe(0);
    expect((await report())['outcome']).toBe('verified');
  });

  it('takes the runbook it began with, and no other, with 65', async () => {
    const shipped = fileURLToPath(
      new URL('../../runbooks/20250101000014-align-schema-table-names.md', import.meta.url),
    );
    const runbook = join(bench.desk.folder, 'rollback.md');
    const text = await readFile(shipped, 'utf8');
    await writeFile(runbook, text);
    await brokenOff(['run', '--choose', 'rollback', '--runbook', runbook]);
    await writeFile(runbook, `${text}\n`);
    const changed = await bench.confirmed(['resume']);
    expect(changed).toMatchObject({ status: 65, out: '' });
    expect(changed.err).toContain('is not the runbook that run');
    expect((await bench.confirmed(['resume', '--runbook', shipped], ['state'])).status).toBe(0);
  });

  it('says that there is nothing to go on with, with 64', async () => {
    expect(await bench.confirmed(['resume'])).toMatchObject({
      status: 64,
      out: '',
      err: expect.stringContaining('No run of this database was broken off.') as string,
    });
  });
});

describe('what was broken off can be undone', () => {
  it('a rollback after its first step, and that undo itself, broken off and resumed', async () => {
    const before = await bench.state();
    expect((await bench.rollBack()).status).toBe(0);
    expect((await brokenOff(['undo'])).status).toBe(143);
    const half = await bench.confirmed(['undo']);
    expect(half.status).toBe(64);
    expect(half.err).toContain('was begun and has not ended');
    const resumed = await bench.confirmed(['resume']);
    expect(resumed.err).toContain('done: step-4. Going on');
    expect(resumed.status).toBe(0);
    expect(await bench.state()).toEqual(before);

    expect((await brokenOff()).status).toBe(143);
    const [run = ''] = await runs(bench);
    const undone = await bench.confirmed(['undo'], ['other-run']);
    expect(undone.status).toBe(0);
    expect(await bench.state()).toEqual(before);
    const resume = await bench.confirmed(['resume', run]);
    expect(resume.status).toBe(64);
    expect(resume.err).toContain(`Run ${run} has ended (stopped)`);
  });
});
