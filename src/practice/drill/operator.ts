/** Another operator's run of the same runbook, as backout itself would have written it down. */
import { newRunId } from '../../journal/folder.ts';
import type { Connection } from '../../postgres/settings.ts';
import { openSession, type PostgresSession } from '../../postgres/connect.ts';
import { prepareStore, registerRun, takeRunLock } from '../../postgres/store.ts';
import type { Runbook } from '../../runbook/types.ts';
import type { Plan } from '../../sql/types.ts';
import type { InjectedAct } from './types.ts';

export interface OtherRunOf {
  runbook: Pick<Runbook, 'path' | 'title' | 'sha256' | 'migration'>;
  plan: Pick<Plan, 'hash'>;
  version: string;
}

type Operator = Extract<InjectedAct, { kind: 'operator' }>;

/**
 * Writes the run down in a session of its own, which is returned open: it is the one that works on the run.
 * @throws {DatabaseError}
 */
export async function registerOther(
  connection: Connection,
  { name, host, live }: Operator,
  of: OtherRunOf,
): Promise<{ session: PostgresSession; run: string }> {
  const run = newRunId(new Date());
  const session = await openSession(connection, { applicationName: `backout/${run}` });
  try {
    await prepareStore(session);
    if (live) await takeRunLock(session);
    const { path, title, sha256, migration } = of.runbook;
    await registerRun(session, {
      run,
      kind: 'rollback',
      undoes: null,
      runbook: { path, title, sha256, migration: migration?.version ?? null },
      plan: of.plan.hash,
      schema: 'public',
      operator: name,
      host,
      version: of.version,
    });
    return { session, run };
  } catch (error) {
    await session.close();
    throw error;
  }
}
