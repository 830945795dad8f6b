/** What helps with the items of a runbook's checklist, on this machine and with this configuration. */
import { helpFor } from '../checklist/kind.ts';
import type { Help } from '../checklist/types.ts';
import type { Config } from '../config/types.ts';
import type { Runbook } from '../runbook/types.ts';
import { commandConsent } from '../shell/consent.ts';
import { commandsAllowedFor } from './allowed.ts';
import type { Options } from './args.ts';
import type { Io } from './io.ts';

/** By the item's id. Nothing is run, and nothing is asked of a database. */
export async function checklistHelp(
  io: Pick<Io, 'root' | 'env'>,
  { allowCommands }: Pick<Options, 'allowCommands'>,
  { runbook, config, embedded }: { runbook: Runbook; config: Config; embedded: boolean },
): Promise<Record<string, Help[]>> {
  const allowed = await commandsAllowedFor(io, { allowCommands }, { runbook, embedded });
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
            asks: true as const,
            why: `It leaves something open: ${consent.placeholders.map(({ text }) => text).join(', ')}.`,
          };
        default:
          return { why: consent.why };
      }
    },
  };
  return Object.fromEntries(runbook.checklist.map((item) => [item.id, helpFor(item, context)]));
}
