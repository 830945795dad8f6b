/** The configuration of a command: what the command line, the environment and the folders say. */
import type { Loaded } from '../config/load.ts';
import type { Options } from './args.ts';
import type { Io } from './io.ts';

export interface ConfigPlace {
  /** Practice: only a file that `--config` names. What is only found there may stop or call something real. */
  embedded?: boolean;
  /** The runbook's path. */
  runbook?: string;
}

/** @throws {UserError} 64, as `loadConfig` does */
export async function configOf(
  io: Io,
  options: Pick<Options, 'config'>,
  place: ConfigPlace = {},
): Promise<Loaded> {
  if (place.embedded === true && options.config === undefined) {
    const { NO_CONFIG } = await import('../config/types.ts');
    return { config: NO_CONFIG, path: null };
  }
  const [{ loadConfig }, { withhold }] = await Promise.all([
    import('../config/load.ts'),
    import('../shell/run.ts'),
  ]);
  const loaded = await loadConfig({
    env: io.env,
    cwd: process.cwd(),
    home: io.home,
    explicit: options.config,
    ...(place.runbook === undefined ? {} : { runbook: place.runbook }),
  });
  withhold(
    loaded.config.webhooks.flatMap(({ url_env, secret_env }) =>
      [url_env, secret_env].filter((name) => name !== undefined),
    ),
  );
  return loaded;
}
