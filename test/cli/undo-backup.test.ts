/** An undo with a backup to fall back on: taken before it, or named and looked into. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { env, scratchFolder, withDumps } from '../backup/support.ts';
import { openBench, type Bench } from './support/rolled-back.ts';

const folder = scratchFolder();

withDumps('backout undo with a backup', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await openBench();
    expect((await bench.rollBack()).status).toBe(0);
  });
  afterEach(() => bench.clear());

  const undo = (...words: string[]) =>
    bench.desk.run(
      [
        ...['undo', '--database', bench.database.url, '--confirm', bench.database.name],
        ...['--accept', 'privileges', ...words],
      ],
      { env: { ...env(), XDG_STATE_HOME: bench.desk.folder } },
    );

  it('names a wrong one and runs nothing; takes one, and needs no consent to going without', async () => {
    const rolledBack = await bench.state();
    const none = await undo('--backup', join(folder, 'none.dump'));
    expect(none.status).toBe(10);
    expect(none.out).toContain('There is no backup at');
    expect(await bench.state()).toEqual(rolledBack);

    const path = join(folder, 'before-undo.dump');
    const undone = await undo('--take-backup', '--backup', path);
    expect(undone.status, undone.out + undone.err).toBe(0);
    expect(undone.out).toContain(path);
    expect((await bench.desk.run(['backup', '--inspect', path], { env: env() })).status).toBe(0);
  });
});
