/** A rehearsal for people and for scripts. Pure. */
import { FORM_WORDS } from '../journal/words.ts';
import { bytes } from '../postgres/activity.ts';
import type { ServerInfo } from '../postgres/types.ts';
import type { Needed, Rehearsal, RehearsalNews, Way } from '../rehearse/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Block } from '../wizard/types.ts';
import { resultBlocks, secondsText } from '../steps/rehearsal.ts';
import { toLine } from '../terminal/sanitize.ts';

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

export const WAY_WORDS: Readonly<Record<Way, string>> = {
  schema: 'a copy in a scratch schema of this database, in one transaction that is rolled back',
  database: 'a copy in a scratch database of this server, made by pg_dump, dropped in the end',
  embedded: 'a copy in an embedded PostgreSQL of this machine',
};

function neededWords({ bytes: size, wal, free, share }: Needed): string {
  const rows =
    share < 1 ? `a sample of ${Number((share * 100).toPrecision(2))} % of large tables` : 'all rows';
  const room = free === null ? 'how much is free cannot be seen from here' : `${bytes(free)} are free`;
  return `${rows}; about ${bytes(size)} of disk and up to ${bytes(wal)} of write-ahead log; ${room}`;
}

/** What is said of it on standard error while it works; null for what is not. */
export function newsLine(news: RehearsalNews): string | null {
  switch (news.type) {
    case 'way':
      return `Rehearsal: ${WAY_WORDS[news.way]}; ${neededWords(news.needed)}.`;
    case 'copied': {
      const { table, rows, seconds } = news.table;
      return `Copied ${toLine(table, 100)}: ${rows.toLocaleString('en-US')} rows${seconds === null ? '' : ` in ${secondsText(seconds)}`}.`;
    }
    case 'step':
      return `${toLine(news.step)}: ${toLine(news.title, 100)}; form: ${FORM_WORDS[news.form]}.`;
    case 'step-over':
      return `${toLine(news.step.id)}: ${news.step.outcome}, ${secondsText(news.step.seconds)}.`;
    case 'verifying':
      return 'Verifying the copy.';
    case 'undoing':
      return 'Undoing all steps on the copy.';
    case 'dropped':
      return `Dropped what a rehearsal that was broken off left behind: ${news.names.join(', ')}.`;
    default:
      return null;
  }
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
