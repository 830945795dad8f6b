/** Where a migration tool keeps its records, when it was told to: `--record-table`, else `backout.toml`. */
import { extname } from 'node:path';
import type { Runbook } from '../runbook/types.ts';
import type { Plan } from '../sql/types.ts';
import type { Options } from './args.ts';
import { configOf } from './config.ts';
import type { Io } from './io.ts';
import { loadPlan } from './load.ts';

type Told = Pick<Options, 'format' | 'recordTable' | 'config' | 'set'>;

/** @throws {UserError} 64, as the configuration's reader does */
export async function recordTableOf(io: Io, options: Told, path: string): Promise<string | undefined> {
  if (options.recordTable !== undefined) return options.recordTable;
  if (options.format === undefined && extname(path).toLowerCase() === '.md') return undefined;
  return (await configOf(io, options, { runbook: path })).config.migrations.record_table;
}

/**
 * {@link loadPlan} as the options, the configuration and the environment say.
 * @param lenient nothing is run by it, so that no value is needed
 */
export async function loadPlanAs(
  io: Io,
  options: Told,
  path: string,
  lenient = false,
): Promise<{ runbook: Runbook; plan: Plan }> {
  const given = { set: options.set, env: io.env, ...(lenient ? { lenient: true as const } : {}) };
  return loadPlan(path, options.format, await recordTableOf(io, options, path), given);
}
