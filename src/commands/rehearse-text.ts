/** A rehearsal for people and for scripts. Pure. */
import type { ServerInfo } from '../postgres/types.ts';
import type { Rehearsal } from '../rehearse/types.ts';
import { neededWords, WAY_WORDS } from '../rehearse/words.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Block } from '../wizard/types.ts';
import { resultBlocks } from '../steps/rehearsal.ts';

export interface ToldRehearsal {
  rehearsal: Rehearsal;
  runbook: Runbook;
  server: ServerInfo;
}

/** `backout rehearse --json`. */
export function rehearsalDocument({ rehearsal, runbook, server }: ToldRehearsal) {
  return {
    schema: 'backout.rehearsal/1',
    runbook: runbook.path,
    database: server.database,
    server,
    ...rehearsal,
  };
}

/** `backout rehearse`. */
export function rehearsalBlocks({ rehearsal, runbook, server }: ToldRehearsal): Block[] {
  const { needed, way } = rehearsal;
  return [
    { kind: 'heading', text: `Rehearsal of ${runbook.title}` },
    {
      kind: 'text',
      spans: [
        {
          text: `Database ${server.database} on ${server.host}:${server.port}. ${way === null ? '' : `Way: ${WAY_WORDS[way]}.`}`,
          tone: 'plain',
        },
      ],
    },
    ...(needed
      ? [
          {
            kind: 'text' as const,
            spans: [{ text: `Needed: ${neededWords(needed)}.`, tone: 'quiet' as const }],
          },
        ]
      : []),
    ...resultBlocks(rehearsal),
  ];
}
