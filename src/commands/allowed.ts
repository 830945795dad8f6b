/** Whose commands may be run: those of the runbook in the package, of the configuration, of others with --allow-commands. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Runbook } from '../runbook/types.ts';
import { commandsAllowed, type CommandsAllowed } from '../shell/consent.ts';
import type { Options } from './args.ts';
import { shippedRunbook, type Io } from './io.ts';

/** Null where the package has none that can be read. */
export async function shippedSha256(io: Pick<Io, 'root'>): Promise<string | null> {
  try {
    return createHash('sha256')
      .update(await readFile(shippedRunbook(io)))
      .digest('hex');
  } catch {
    return null;
  }
}

export async function commandsAllowedFor(
  io: Pick<Io, 'root'>,
  { allowCommands }: Pick<Options, 'allowCommands'>,
  { runbook, embedded }: { runbook: Pick<Runbook, 'sha256'>; embedded: boolean },
): Promise<CommandsAllowed> {
  return commandsAllowed({
    environment: embedded ? 'PRACTICE' : 'PRODUCTION',
    allowCommands,
    runbookSha256: runbook.sha256,
    shippedSha256: await shippedSha256(io),
  });
}
