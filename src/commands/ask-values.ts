/** Asks an operator for the values that a runbook leaves open, on the wizard's surfaces, before there is a plan. */
import type { OpenValue, Values } from '../runbook/values/types.ts';
import type { State } from '../wizard/types.ts';
import { NO_SECTIONS } from '../runbook/no-sections.ts';
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
  const [{ initialState }, { reduce }] = await Promise.all([
    import('../wizard/state.ts'),
    import('../wizard/reducer.ts'),
  ]);
  const runbook = {
    ...NO_SECTIONS,
    path: shortPath(path, process.cwd(), io.home),
    sha256: '',
    title: '',
    migration: null,
    steps: [],
  };
  const initial = initialState({
    environment: embedded ? 'PRACTICE' : 'PRODUCTION',
    run: '',
    version: io.version,
    runbook,
    plan: { steps: [], hash: '' },
    values: { open: [...open], given: {} },
  });
  const still = (): Promise<void> => Promise.resolve();
  return {
    initial,
    // Nothing is behind it: what only a run would do is not done.
    reduce: (state, event) =>
      event.type === 'answer' || event.type === 'action' ? reduce(state, event) : { state, tasks: [] },
    perform: () => undefined,
    idle: still,
    folder: () => null,
    endAs: still,
    interrupt: still,
    settle: () => Promise.resolve([]),
    close: still,
  };
}
