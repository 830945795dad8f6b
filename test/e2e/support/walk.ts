/** Tests that are the parts of one walk through the program: once a part has failed, the rest fails at once. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { freshDatabase, type TestDatabase } from '../../support/server.ts';
import { atTerminal, type Operator } from './operator.ts';

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

export interface Walk {
  database: TestDatabase;
  operator: Operator;
}

/**
 * {@link oneWalk} on a migrated database of its own, in a terminal of 80 columns and 24 rows. What is in it can be
 * used once the tests run; `prepare` is called before the program starts.
 */
export function walkOn(prepare: (database: TestDatabase) => Promise<unknown>): Walk {
  const walk = {} as Walk;
  oneWalk();
  beforeAll(async () => {
    walk.database = await freshDatabase();
    await prepare(walk.database);
    walk.operator = await atTerminal(['--database', walk.database.url], { columns: 80, rows: 24 });
  });
  afterAll(async () => {
    await walk.operator.dispose();
    await walk.database.drop();
  });
  return walk;
}
