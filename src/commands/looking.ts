/** The bracket around the read-only commands: load, connect, look, close. */
import { DatabaseError } from '../sql/session.ts';
import type { ServerInfo } from '../postgres/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Runtime } from '../runtime/types.ts';
import type { Plan } from '../sql/types.ts';
import type { Options } from './args.ts';
import { configOf } from './config.ts';
import { NotConnected } from './failure.ts';
import type { Io } from './io.ts';
import { latestIn } from './latest-migration.ts';
import { connectionOf, runbookPath } from './load.ts';
import { loadPlanAs } from './record-table.ts';

export interface Look {
  runtime: Runtime;
  runbook: Runbook;
  plan: Plan;
  server: ServerInfo;
}

/** Connects, says on standard error what the settings warn about. @throws {NotConnected} */
async function connect(io: Io, runtime: Runtime): Promise<ServerInfo> {
  try {
    const { server, warnings } = await runtime.connect();
    for (const warning of warnings) await io.err(`Warning: ${warning}\n`);
    return server;
  } catch (error) {
    throw error instanceof DatabaseError ? new NotConnected(error) : error;
  }
}

/** Runs `work` on a connection that keeps no journal, and closes it whatever happens. */
export async function looking<T>(io: Io, options: Options, work: (look: Look) => Promise<T>): Promise<T> {
  const path = await latestIn(io, options, runbookPath(io, options, null));
  const [{ runbook, plan }, { config }, { createRuntime }, { newRunId }] = await Promise.all([
    loadPlanAs(io, options, path),
    configOf(io, options, { runbook: path }),
    import('../runtime/create.ts'),
    import('../journal/folder.ts'),
  ]);
  const runtime = createRuntime({
    run: newRunId(io.now()),
    version: io.version,
    runbook,
    plan,
    connection: connectionOf(io, options),
    embedded: false,
    schema: options.schema,
    backup: options.backup,
    config,
    runsDir: null,
  });
  try {
    return await work({ runtime, runbook, plan, server: await connect(io, runtime) });
  } finally {
    await runtime.close();
  }
}
