/** Asks an operator for the values that a runbook leaves open, on the wizard's surfaces, before there is a plan. */
import type { OpenValue, Values } from '../runbook/values/types.ts';
import type { State } from '../wizard/types.ts';
import { MissingValues } from '../runbook/values/check.ts';
import type { Options } from './args.ts';
import type { Begun } from './begin.ts';
import type { Io } from './io.ts';
import { shortPath } from './load.ts';

interface Asking {
  io: Io;
  options: Options;
  embedded: boolean;
}

/**
 * Does the work; whenever it needs values that were not given, asks for them and does it again.
 * @returns null when the operator leaves instead
 */
export async function withValues<T>(
  asking: Asking,
  work: (options: Options) => Promise<T>,
): Promise<T | null> {
  let { options } = asking;
  for (;;) {
    try {
      return await work(options);
    } catch (error) {
      if (!(error instanceof MissingValues)) throw error;
      const given = await askFor({ ...asking, options }, error);
      if (!given) return null;
      options = { ...options, set: { ...options.set, ...given } };
    }
  }
}

async function askFor({ io, options, embedded }: Asking, missing: MissingValues): Promise<Values | null> {
  const { onScreens, inLines } = await import('./walk.ts');
  const begin = (): Promise<Begun> => valuesWizard(io, missing, embedded);
  const last: State =
    options.plain || io.dumb ? await inLines(io, await begin()) : await onScreens(io, embedded, begin);
  const given = last.values?.given ?? {};
  return missing.open.every(({ name }: OpenValue) => given[name] !== undefined) ? given : null;
}

async function valuesWizard(io: Io, { open, path }: MissingValues, embedded: boolean): Promise<Begun> {
  const { idleWizard } = await import('./idle-wizard.ts');
  return idleWizard(shortPath(path, process.cwd(), io.home), {
    environment: embedded ? 'PRACTICE' : 'PRODUCTION',
    version: io.version,
    values: { open: [...open], given: {} },
  });
}
