/** The acts of an escalation for a command of its own, without a run. */
import { join } from 'node:path';
import type { Config } from '../config/types.ts';
import { escalationCommands } from '../escalate/commands.ts';
import { listRuns } from '../journal/runs.ts';
import type { Connection } from '../postgres/settings.ts';
import type { Runbook } from '../runbook/types.ts';
import { actsOf } from '../runtime/escalate.ts';
import type { Plan } from '../sql/types.ts';
import { commandsAllowedFor } from './allowed.ts';
import type { Options } from './args.ts';
import type { At } from './escalate.ts';
import type { Io } from './io.ts';
import { tellOfActs } from './told.ts';

export async function createEscalationActs(
  io: Io,
  options: Options,
  made: {
    runbook: Runbook;
    plan: Plan;
    config: Config;
    connection: Connection;
    runsDir: string;
    stateDir: string;
  },
): Promise<At> {
  const { runbook, plan, config, connection, runsDir, stateDir } = made;
  const told = await tellOfActs(io, { config, runbook: runbook.title });
  const acts = actsOf({
    runbook,
    plan,
    config,
    allowed: await commandsAllowedFor(io, options, { runbook, embedded: false }),
    environment: 'PRODUCTION',
    hasPosition: true,
    schema: options.schema,
    connection: () => connection,
    by: `${io.osUser}@${io.hostname}`,
    stateDir,
    runFolder: () => newestRun(runsDir, connection),
    release: () => Promise.resolve(),
    env: io.env,
    onLog: told.onLog,
  });
  return {
    acts,
    told,
    commands: escalationCommands(runbook.escalation, config),
    config,
    runbook,
    connection,
  };
}

/** On this database, as far as this machine knows. */
async function newestRun(
  runsDir: string,
  { parameters }: Connection,
): Promise<{ run: string; folder: string } | null> {
  const runs = await listRuns(runsDir);
  const mine = runs.find(({ database, host }) => database === parameters.dbname && host === parameters.host);
  return mine ? { run: mine.run, folder: join(runsDir, mine.run) } : null;
}
