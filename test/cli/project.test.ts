/** Where the project is, said on the command line: a folder that is not there is refused before anything is run. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBench, type Bench } from './support/rolled-back.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.clear());

describe('--choose quick', () => {
  it('with a folder that is not there is refused with 64, and names it', async () => {
    const before = await bench.state();
    const gone = join(bench.desk.folder, 'no-such');
    const ended = await bench.confirmed(['run', '--choose', 'quick', '--project', gone]);
    expect(ended.status).toBe(64);
    expect(ended.err).toContain(`--project ${gone} is not there, or is not a folder.`);
    expect(ended.err).toContain('Nothing was run.');
    expect(await bench.state()).toEqual(before);
  });

  it('with a file in its place is refused as well', async () => {
    const file = join(bench.desk.folder, 'mix.exs');
    await writeFile(file, '');
    const ended = await bench.confirmed(['run', '--choose', 'quick', '--project', file]);
    expect(ended).toMatchObject({ status: 64 });
  });

  it('without a folder that anybody named asks for --project with 64', async () => {
    const before = await bench.state();
    // Found on the PATH and nothing else: nobody says where the project is.
    const bin = join(bench.desk.folder, 'mix');
    await writeFile(bin, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const ended = await bench.desk.run(
      [
        ...['run', '--choose', 'quick', '--database', bench.database.url, '--confirm', bench.database.name],
        ...['--accept', 'privileges', '--accept', 'backup'],
      ],
      { env: { XDG_STATE_HOME: bench.desk.folder, PATH: `${bench.desk.folder}:/usr/bin:/bin` } },
    );
    expect(ended.err).toContain('--project DIR');
    expect(ended.status).toBe(64);
    expect(await bench.state()).toEqual(before);
  });

  it('a command of the escalation is not prepared for a folder that is not there', async () => {
    const gone = join(bench.desk.folder, 'no-such');
    const ended = await bench.backout('escalate', '--command', '1', '--project', gone);
    expect(ended.status).toBe(64);
    expect(ended.err).toContain(gone);
  });
});
