/** backout's commands run in this process, with streams to read: for the many states that need no process each. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCommandLine } from '../../../src/commands/args.ts';
import { processIo, type Io } from '../../../src/commands/io.ts';
import { planCommand } from '../../../src/commands/plan.ts';
import { runCommand } from '../../../src/commands/run.ts';
import { statusCommand } from '../../../src/commands/status.ts';
import { verifyCommand } from '../../../src/commands/verify.ts';
import type { JournalEvent } from '../../../src/journal/types.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const commands = { plan: planCommand, status: statusCommand, run: runCommand, verify: verifyCommand };

export interface Ran {
  status: number;
  out: string;
  err: string;
}

/** Runs one command as `backout NAME …` would, without a terminal, with its own state folder. */
export async function backout(
  name: keyof typeof commands,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const state = await mkdtemp(join(tmpdir(), 'backout-state-'));
  const parsed = parseCommandLine([name, ...args]);
  if (parsed.kind !== 'command') throw new Error(`not understood: ${JSON.stringify(parsed)}`);
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    ...processIo({ version: '0.0.0-test', root }),
    out: async (text) => void out.push(text),
    err: async (text) => void err.push(text),
    interactive: false,
    keyboard: false,
    env: { XDG_STATE_HOME: state, ...env },
    onSignal: () => () => undefined,
  };
  try {
    const status = await commands[name](io, parsed.options);
    return { status, out: out.join(''), err: err.join('') };
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

interface PlanDocument {
  prerequisites: { id: string; status: 'pass' | 'warn' | 'fail'; detail: string }[];
  recommendation: { choice: string };
  toAsk?: { id: string }[];
  steps: { id: string; state: string; statements: { index: number; state: string }[] }[];
}

/** What `backout plan --json` says. */
export async function planOfDatabase(url: string): Promise<PlanDocument> {
  return JSON.parse((await backout('plan', ['--database', url, '--json'])).out) as PlanDocument;
}

/** What a test server warns of: its superuser, no backup, that somebody has begun already, and has taken the version row. */
const WARNINGS = ['privileges', 'backup', 'state', 'migration-recorded'];

/** `backout run` with every answer it needs. */
export async function rollBack(database: {
  url: string;
  name: string;
}): Promise<Ran & { events: JournalEvent[] }> {
  const accepted = WARNINGS.flatMap((id) => ['--accept', id]);
  const decided = ['--confirm', database.name, '--choose', 'rollback', '--reason', 'the test says so'];
  const ran = await backout('run', ['--database', database.url, ...decided, ...accepted, '--json']);
  const events = ran.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalEvent);
  return { ...ran, events };
}
