/** Walks through practice in a pseudo-terminal, as an operator would, and keeps a picture of each screen. */
import { startPty, type Pty } from '../../test/e2e/support/pty.ts';
import { frameToSvg } from './svg.ts';

export interface Picture {
  /** The file's name without its ending. */
  name: string;
  svg: string;
  /** The same frame as text. */
  text: string;
}

export interface WalkOptions {
  /** The checkout: what is started, and the current folder. */
  root: string;
  /** The operator's home, where the run's files go. */
  home: string;
  columns: number;
  rows: number;
}

const DATABASE = 'singularity_practice';
/** The footer of a question that does not take keys yet. */
const NOT_YET = /^…$/m;
/** So long nothing may change before a frame counts as whole: a frame may arrive in pieces. */
const STILL_MS = 150;

class Walk {
  readonly pictures: Picture[] = [];

  constructor(private readonly pty: Pty) {}

  /** Waits until the screen shows what is expected, takes keys and has come to rest. */
  async arrive(expected: RegExp): Promise<void> {
    await this.pty.waitFor((screen) => expected.test(screen) && !NOT_YET.test(screen));
    for (let before = ''; before !== this.pty.raw();) {
      before = this.pty.raw();
      await new Promise((resolve) => setTimeout(resolve, STILL_MS));
    }
  }

  take(name: string, title: string): void {
    const svg = frameToSvg(this.pty.emulator.terminal, title);
    this.pictures.push({ name, svg, text: this.pty.text() });
  }

  /** Pages up until that is on the screen. */
  async upTo(expected: RegExp): Promise<void> {
    while (!expected.test(this.pty.text())) {
      const before = this.pty.text();
      await this.pty.press('pageup');
      await this.pty.waitFor((screen) => screen !== before);
    }
  }

  async press(...keys: string[]): Promise<void> {
    await this.pty.press(...keys);
  }

  async type(text: string): Promise<void> {
    for (const character of text) await this.pty.press(character);
  }
}

async function beforeTheSteps(walk: Walk): Promise<void> {
  await walk.arrive(/Which one\?/);
  await walk.press('f');
  await walk.arrive(/checks the prerequisites/);
  walk.take(
    'target',
    'The Target screen: which database, where each setting came from, and that it is practice.',
  );
  await walk.press('enter');

  await walk.arrive(/goes on to the decision/);
  walk.take('prerequisites', 'The Prerequisites screen: each with what was found.');
  await walk.press('enter');

  for (const criterion of [
    'Application not yet deployed',
    'Simple schema issue',
    'Rolling back would cause',
  ]) {
    await walk.arrive(new RegExp(`Is this so\\? ${criterion}`));
    await walk.press(criterion.startsWith('Rolling') ? 'n' : 'y');
  }
  await walk.arrive(/What do you decide/);
  walk.take(
    'decision',
    'The decision: evidence, the recommendation, and the choice between rolling back and fixing forward.',
  );
  await walk.press('r');

  await walk.arrive(/goes on to the first step/);
  walk.take(
    'plan',
    'The Plan screen: steps, data at risk, invented values, locks, and further down the SQL in full.',
  );
  await walk.press('enter');
}

async function steps(walk: Walk): Promise<void> {
  for (const step of [1, 2, 3]) {
    await walk.arrive(new RegExp(`To run Step\\s${step},\\s+exactly`));
    if (step === 1) {
      walk.take(
        'step',
        'Step 1 before it is confirmed: what it does, what it puts at risk, what it invents.',
      );
    }
    await walk.press('end');
    await walk.arrive(/INSERT INTO backout\.step /);
    if (step === 1) await walk.upTo(/1\. Keeps /);
    await walk.type(DATABASE);
    await walk.arrive(new RegExp(`> ${DATABASE}`));
    if (step === 1) {
      walk.take(
        'step-confirm',
        "Step 1 being confirmed, once all of its SQL was in view: what is kept first, and the database's name typed.",
      );
    }
    await walk.press('enter');
    await walk.arrive(new RegExp(`Step ${step} is done`));
    if (step === 1)
      walk.take('step-done', 'Step 1 after it was committed: each action with its rows and its time.');
    await walk.press('enter');
  }
  await walk.arrive(/Run Step 4 now/);
  await walk.press('G', 'y');
  await walk.arrive(/goes on to the verification/);
  await walk.press('enter');
}

async function afterTheSteps(walk: Walk): Promise<void> {
  await walk.arrive(/goes on to the checklist/);
  walk.take('verification', 'The Verification screen: each check with what was expected and what was found.');
  await walk.press('enter');

  await walk.arrive(/Is this done\? Verify application/);
  await walk.press('d');
  await walk.arrive(/Is this done\? Run test suite/);
  walk.take('checklist', 'The checklist: one item done, the next with the command that the runbook names.');
  for (const item of [
    'Run test suite',
    'Check logs',
    'Verify affected',
    'Update documentation',
    'Plan forward',
  ]) {
    await walk.arrive(new RegExp(`Is this done\\? ${item}`));
    await walk.press('o');
  }
  await walk.arrive(/writes the report/);
  await walk.press('enter');

  await walk.arrive(/closes backout/);
  walk.take(
    'report',
    'The Report screen: what the run ended as, what was lost and invented, and where its files are.',
  );
  await walk.press('enter');
}

/**
 * The pictures of one run of practice.
 * @throws {Error} with the screen it had instead, when a screen does not come; when practice does not end with 0
 */
export async function walkThroughPractice({ root, home, columns, rows }: WalkOptions): Promise<Picture[]> {
  const pty = startPty({
    command: process.execPath,
    args: ['bin/backout.js', 'practice'],
    cwd: root,
    columns,
    rows,
    env: {
      HOME: home,
      USER: 'oncall',
      XDG_STATE_HOME: undefined,
      TMPDIR: '/tmp',
      TZ: 'UTC',
      COLORTERM: undefined,
    },
  });
  try {
    const walk = new Walk(pty);
    await beforeTheSteps(walk);
    await steps(walk);
    await afterTheSteps(walk);
    const { exitCode } = await pty.exit;
    if (exitCode !== 0) throw new Error(`Practice ended with ${exitCode}.`);
    return walk.pictures;
  } finally {
    await pty.dispose();
  }
}
