import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest begin first, so that none of them is left running alone at the end. */
const LONG =
  /test\/(faults|e2e|property|cli|runtime|backup|quick|drills|repair|rehearse|practice|sql-undo|escalate)\//;

/**
 * More of what others show on fewer cases: `npm run test:all` runs these too, with
 * every one of the 41 broken-off databases and every play of the drills.
 */
const EXHAUSTIVE = ['test/sql/position-shipped.test.ts'];
const all = process.env['BACKOUT_TEST'] === 'all';

/**
 * Libraries are resolved as users get them: the Markdown reader's development build checks itself and takes three
 * times as long. Vite decides by this, once the configuration is read; the tests get their own below.
 */
process.env['NODE_ENV'] = 'production';

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: all ? [] : EXHAUSTIVE,
    // Ink, chalk and is-in-ci read these once, at import: fix them before any test file loads.
    env: { CI: 'false', FORCE_COLOR: '0', TZ: 'UTC', TERM: 'xterm-256color', NODE_ENV: 'test' },
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Much of it is waiting: for locks, for a server to start, for three seconds in which nobody writes.
    maxWorkers: 5,
    // A worker keeps what it has imported and compiled: half of the processor's time. What would leak is
    // put back by the set-up.
    isolate: false,
    sequence: { sequencer: LongFirst },
  },
});
