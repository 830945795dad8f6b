/** A run that was broken off does not block the next one for ever, and loses nothing where it is gone on with. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Report } from '../../src/journal/report.ts';
import { openDesk } from './support/io.ts';
import { openBench, runs, type Bench } from './support/rolled-back.ts';

let bench: Bench;
let run: string;

beforeEach(async () => {
  bench = await openBench();
  let asked = false;
  const argv = ['run', '--choose', 'rollback', '--json', '--database', bench.database.url];
  const accept = ['privileges', 'backup'].flatMap((id) => ['--accept', id]);
  const broken = await bench.desk.run([...argv, '--confirm', bench.database.name, ...accept], {
    out: (text) => {
      if (!asked && text.includes('"type":"step-finished"')) bench.desk.signal('SIGTERM');
      asked ||= text.includes('"type":"step-finished"');
      return Promise.resolve();
    },
  });
  expect(broken.status).toBe(143);
  [run = ''] = await runs(bench);
});
afterEach(() => bench.clear());

const report = async (desk = bench.desk): Promise<Report> =>
  JSON.parse((await desk.run(['report', '--json'])).out) as Report;

describe('a run that was broken off', () => {
  it('is not passed by unasked: 64, naming the run and the option; once accepted it is left as it is, with the consent in the journal', async () => {
    const refused = await bench.rollBack('--accept', 'state');
    expect(refused.status).toBe(64);
    expect(refused.err).toContain(`Run ${run} was broken off and is not finished.`);
    expect(refused.err).toContain('--accept other-run');

    const beside = await bench.rollBack('--accept', 'state', '--accept', 'other-run');
    expect(beside.status).toBe(0);
    const told = await report();
    expect(told).toMatchObject({ outcome: 'verified' });
    expect(told.run).not.toBe(run);
    expect(told.consents.find(({ id }) => id === 'other-run')?.detail).toContain(`Run ${run} by tester`);
    const left = await bench.rows('SELECT run FROM backout.run WHERE ended_at IS NULL');
    expect(left).toEqual([{ run }]);
  });

  it('gone on with elsewhere has in its report there what was kept before, by the steps’ titles', async () => {
    const before = await bench.rows<{ step: string; object: string }>(
      'SELECT step, object FROM backout.archived ORDER BY step, seq',
    );
    expect(before.length).toBeGreaterThan(0);
    const other = await openDesk();
    const argv = ['resume', '--database', bench.database.url, '--confirm', bench.database.name];
    const accept = ['privileges', 'backup', 'state'].flatMap((id) => ['--accept', id]);
    expect((await other.run([...argv, ...accept], { hostname: 'elsewhere' })).status).toBe(0);
    const told = await report(other);
    expect(told.archived.filter(({ step }) => step === 'step-1')).toMatchObject(before);
    const [title] = await bench.rows<{ title: string }>(
      "SELECT title FROM backout.step WHERE step = 'step-1'",
    );
    expect(told.steps[0]).toMatchObject({ id: 'step-1', outcome: 'done', title: title?.title });
    const notes = told.notes.map(({ text }) => text).join('\n');
    expect(notes).toContain('begun by tester on desk; what it did before is in the journal there');
    await other.clear();
  });
});
