import { describe, expect, it } from 'vitest';
import { startCommand, withhold } from '../../src/shell/run.ts';

const now = () => Date.now();

describe('a command of the checklist', () => {
  it('is heard line by line, both streams, made harmless, and ends with its status', async () => {
    const lines: string[] = [];
    const { result } = startCommand(
      { command: "printf 'one\\ntwo\\033[2J\\n'; echo three >&2; exit 3" },
      (line) => lines.push(line),
      now,
    );
    expect(await result).toMatchObject({ exitStatus: 3, signal: null });
    expect([...lines].sort()).toEqual(['one', 'three', 'two\\x1B[2J']);
  });

  it('does not get the connection that backout has', async () => {
    process.env.PGPASSWORD = 'canary';
    try {
      const lines: string[] = [];
      await startCommand({ command: 'echo "[$PGPASSWORD]"' }, (line) => lines.push(line), now).result;
      expect(lines).toEqual(['[]']);
    } finally {
      delete process.env.PGPASSWORD;
    }
  });

  it('does not get what was withheld, such as the key of a webhook', async () => {
    process.env.HOOK_KEY = 'canary';
    try {
      withhold(['HOOK_KEY']);
      const lines: string[] = [];
      await startCommand({ command: 'echo "[$HOOK_KEY]"' }, (line) => lines.push(line), now).result;
      expect(lines).toEqual(['[]']);
    } finally {
      delete process.env.HOOK_KEY;
    }
  });

  it('runs where it is told, with what it is given beside the environment', async () => {
    const lines: string[] = [];
    const given = { command: 'pwd; echo "$TOLD"', cwd: '/', env: { TOLD: 'so' } };
    await startCommand(given, (line) => lines.push(line), now).result;
    expect(lines).toEqual(['/', 'so']);
  });

  it('is ended with all that it started', async () => {
    const running = startCommand(
      { command: 'sh -c "echo started; sleep 1000" & wait' },
      () => running.cancel(),
      now,
    );
    expect((await running.result).signal).toBe('SIGTERM');
  });

  it('that does not exist says so', async () => {
    const { result } = startCommand({ command: 'no-such-command-here' }, () => undefined, now);
    expect((await result).exitStatus).toBe(127);
  });
});
