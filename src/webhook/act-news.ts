/** What is told of an act of an escalation outside of any run: that it began, and how it ended. Pure. */
import type { LogLine } from '../escalate/log.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { News, NewsKind } from './news.ts';

const KINDS: Record<LogLine['what'], NewsKind> = { begun: 'start', done: 'finish', failed: 'failure' };

const WORDS: Record<LogLine['what'], string> = {
  begun: 'was begun',
  done: 'was done',
  failed: 'was tried, and failed or is not whole',
};

/** Only which act it was: what was said of it may quote a command or the server. */
export function actNews({ at, by, host, database, act, what }: LogLine, runbook: string): News {
  return {
    kind: KINDS[what],
    at,
    run: null,
    of: 'escalation',
    environment: 'PRODUCTION',
    operator: toLine(by, 200),
    runbook: toLine(runbook, 200),
    database: toLine(database, 200),
    host: toLine(host, 200),
    words: `Somebody escalated: ${toLine(act, 100)} ${WORDS[what]}.`,
    act: toLine(act, 100),
  };
}
