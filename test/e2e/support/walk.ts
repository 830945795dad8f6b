/** Tests that are the parts of one walk through the program: once a part has failed, the rest fails at once. */
import { afterEach, beforeEach } from 'vitest';

/** Call it in the `describe` whose tests follow on each other. */
export function oneWalk(): void {
  let failed: string | null = null;
  beforeEach(() => {
    if (failed !== null) throw new Error(`The walk ended before this, at: ${failed}`);
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') failed ??= task.name;
  });
}
