/** What helps with the items of a runbook's checklist, on this machine and with this configuration. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { helpFor } from '../checklist/kind.ts';
import type { Help } from '../checklist/types.ts';
import type { Config } from '../config/types.ts';
import type { Runbook } from '../runbook/types.ts';
import { commandConsent, commandsAllowed } from '../shell/consent.ts';
import type { Options } from './args.ts';
import { shippedRunbook, type Io } from './io.ts';

async function shippedSha256(io: Pick<Io, 'root'>): Promise<string | null> {
  try {
    return createHash('sha256')
      .update(await readFile(shippedRunbook(io)))
      .digest('hex');
  } catch {
    return null;
  }
}

/** By the item's id. Nothing is run, and nothing is asked of a database. */
export async function checklistHelp(
  io: Pick<Io, 'root' | 'env'>,
  { allowCommands }: Pick<Options, 'allowCommands'>,
  { runbook, config, embedded }: { runbook: Runbook; config: Config; embedded: boolean },
): Promise<Record<string, Help[]>> {
  const allowed = commandsAllowed({
    environment: embedded ? 'PRACTICE' : 'PRODUCTION',
    allowCommands,
    runbookSha256: runbook.sha256,
    shippedSha256: await shippedSha256(io),
  });
  const context = {
    config,
    untypable: allowed.config,
    consentOf(command: string, from: 'runbook' | 'config') {
      const consent = commandConsent({ command, from, allowed, database: null, env: io.env });
      switch (consent.kind) {
        case 'confirm':
          return { word: consent.word };
        case 'ask':
          return {
            why: `It leaves something open: ${consent.placeholders.map(({ text }) => text).join(', ')}.`,
          };
        default:
          return { why: consent.why };
      }
    },
  };
  return Object.fromEntries(runbook.checklist.map((item) => [item.id, helpFor(item, context)]));
}
