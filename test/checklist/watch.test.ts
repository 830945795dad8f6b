/** Real processes: watched, stopped, left running. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lineReader, watchCommand, type WatchOptions } from '../../src/checklist/watch.ts';

let folder: string;
const groups: number[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backout-watch-'));
});
afterEach(async () => {
  for (const group of groups.splice(0)) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  await rm(folder, { recursive: true, force: true });
});

type Stays = Parameters<WatchOptions['onStays']>[0];

async function watching(command: string, more: Partial<WatchOptions> = {}) {
  const lines: string[] = [];
  let waiting: ((line: string) => void)[] = [];
  let staying: (stays: Stays) => void = () => undefined;
  const stays = new Promise<Stays>((resolve) => (staying = resolve));
  const watch = await watchCommand({
    command,
    folder,
    file: join(folder, 'application-1.log'),
    seconds: 3600,
    now: () => Date.now(),
    onLine(line) {
      lines.push(line);
      for (const heard of waiting) heard(line);
    },
    onStays(found) {
      groups.push(found.group);
      staying(found);
    },
    ...more,
  });
  const until = (wanted: string): Promise<void> =>
    new Promise((resolve) => {
      if (lines.includes(wanted)) return resolve();
      waiting = [...waiting, (line) => (line === wanted ? resolve() : undefined)];
    });
  return { watch, lines, stays, until };
}

/** Of the group, without those that have ended and that nobody has asked for yet. */
const alive = (group: number): number =>
  execFileSync('ps', ['-eo', 'pgid=,stat='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([pgid, state = '']) => pgid === String(group) && !state.startsWith('Z')).length;

/** Runs until it is killed, in the foreground, as an application does. */
const SERVES = 'echo listening; while :; do sleep 1; done';

describe('an application that is watched', () => {
  it('ends by itself: its status, its lines, those that speak of errors', async () => {
    const { watch, lines } = await watching('echo one; echo "[error] two" >&2; pwd; exit 3 # a comment');
    expect(await watch.result).toMatchObject({
      exitStatus: 3,
      command: expect.stringContaining('echo one') as string,
    });
    expect(lines).toEqual(['one', '[error] two', folder]);
    expect(watch.errors()).toBe(1);
  });

  it('is running still after its time: that is told, with its process group and its file', async () => {
    const { watch, stays } = await watching(SERVES, { seconds: 0.3 });
    const found = await stays;
    expect(found).toMatchObject({ errors: 0, file: join(folder, 'application-1.log') });
    expect((await stat(found.file)).mode & 0o777).toBe(0o600);
    expect(alive(found.group)).toBeGreaterThan(0);
    watch.stop();
    expect(await watch.result).toMatchObject({ signal: 'SIGTERM' });
    await expect.poll(() => alive(found.group)).toBe(0);
  });

  it('is watched no longer before its time, when asked', async () => {
    const { watch, stays, until } = await watching(SERVES);
    await until('listening');
    watch.end();
    expect((await stays).seconds).toBeLessThan(60);
    watch.stop();
    await watch.result;
  });

  it('left running goes on, and goes on writing into its file', async () => {
    execFileSync('mkfifo', [join(folder, 'go')]);
    const { watch, stays, until } = await watching('echo listening; read line <go; echo "got $line"');
    await until('listening');
    watch.end();
    const { file } = await stays;
    watch.leave();
    expect(await watch.result).toBeNull();
    await writeFile(join(folder, 'go'), 'on\n');
    await expect.poll(() => readFile(file, 'utf8')).toBe('listening\ngot on\n');
  });

  it('output that a terminal would obey is made visible', async () => {
    const { watch, lines } = await watching("printf '\\033[2Jx\\n'");
    await watch.result;
    expect(lines).toEqual(['\\x1B[2Jx']);
  });

  it('a command that there is not ends with 127', async () => {
    const { watch } = await watching('no-such-command-here');
    expect(await watch.result).toMatchObject({ exitStatus: 127 });
  });
});

describe('output that cannot be read', () => {
  it('is told, and what was read before it stays', async () => {
    const path = join(folder, 'output.log');
    await writeFile(path, 'first\nsecond\n');
    const file = await open(path, 'r');
    const lines: string[] = [];
    const unread: string[] = [];
    const reader = lineReader(
      file,
      (line) => lines.push(line),
      (why) => unread.push(why),
    );
    await reader.read();
    await file.close();
    await reader.read(true);
    expect(lines).toEqual(['first', 'second']);
    expect(unread).toEqual([expect.stringMatching(/closed|EBADF/)]);
  });
});
