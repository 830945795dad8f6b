/**
 * What of a run is told to others: its start, its failures, its end, that somebody escalated. Read off the journal,
 * and only names, counts and states of it: a message of the server may quote a row, and SQL may hold values. Pure.
 */
import type { JournalBody, Outcome, RunKind, StepOutcome } from '../journal/types.ts';
import { toLine } from '../terminal/sanitize.ts';

export type NewsKind = 'start' | 'failure' | 'finish' | 'escalate';

export interface News {
  kind: NewsKind;
  /** ISO 8601, UTC: when it happened. */
  at: string;
  /** Null: an act of an escalation outside of any run. */
  run: string | null;
  of: RunKind | 'escalation';
  environment: string;
  operator: string;
  runbook: string;
  /** Null before a connection stood. */
  database: string | null;
  host: string | null;
  /** One sentence about what happened. */
  words: string;
  /** Of an escalation. */
  act?: string;
  /** failure: the step, and SQLSTATE where the server gave one. */
  step?: string;
  sqlstate?: string;
  /** finish */
  outcome?: Outcome;
  exitStatus?: number;
  steps?: { id: string; outcome: StepOutcome }[];
}

/** A journal's line as it is heard; `at` is the journal's. */
export type Heard = JournalBody & { at: string };

const SHORT = 200;

const line = (text: string): string => toLine(text, SHORT);

/** Ends that are told as a failure where no step's failure was told before. */
const FAILED: ReadonlySet<Outcome> = new Set<Outcome>([
  'prerequisite-failed',
  'sql-failed',
  'verification-failed',
  'unknown',
  'error',
]);

const ENDED: Record<Outcome, string> = {
  verified: 'done and verified',
  'prerequisite-failed': 'not begun: a prerequisite failed',
  declined: 'declined: nothing was run',
  'fix-forward': 'not run: fixing forward was chosen',
  'sql-failed': 'ended: a step failed and was rolled back',
  stopped: 'stopped between steps',
  'verification-failed': 'done, but not verified',
  unknown: 'ended without knowing whether a step was committed',
  'nothing-to-do': 'not needed: there was nothing to do',
  error: 'ended by an error',
};

/** Reads along; each line of the journal gives no news, one, or a failure and the end together. */
export function createReader(run: string): (event: Heard) => News[] {
  let of: RunKind = 'rollback';
  let environment = 'unknown';
  let operator = 'unknown';
  let runbook = '';
  let place: { database: string; host: string } | null = null;
  let begun = false;
  let failed = false;

  const news = (kind: NewsKind, at: string, words: string, more: Partial<News> = {}): News => ({
    kind,
    at,
    run,
    of,
    environment,
    operator,
    runbook,
    database: place?.database ?? null,
    host: place?.host ?? null,
    words,
    ...more,
  });

  function failure(at: string, words: string, more: Partial<News> = {}): News[] {
    failed = true;
    return [news('failure', at, words, more)];
  }

  function ofStep(event: Extract<Heard, { type: 'step-finished' }>): News[] {
    const { step, outcome, error, at } = event;
    if (outcome !== 'rolled-back' && outcome !== 'unknown' && outcome !== 'broken-off') return [];
    const state = error?.sqlstate === undefined ? {} : { sqlstate: line(error.sqlstate) };
    const because = state.sqlstate === undefined ? '' : ` (SQLSTATE ${state.sqlstate})`;
    const words =
      outcome === 'unknown'
        ? `It is not known whether ${line(step)} was committed${because}.`
        : outcome === 'broken-off'
          ? `${line(step)} broke off${because} outside of a transaction: something of it may be left.`
          : `${line(step)} failed${because} and was rolled back: the database is as it was before it.`;
    return failure(at, words, { step: line(step), ...state });
  }

  function ofEnd(event: Extract<Heard, { type: 'result' }>): News[] {
    const { outcome, exitStatus, steps, at } = event;
    const words = `The ${of} is ${ENDED[outcome]} (exit status ${exitStatus}).`;
    const before = FAILED.has(outcome) && !failed ? failure(at, words) : [];
    return [...before, news('finish', at, words, { outcome, exitStatus, steps })];
  }

  return (event) => {
    switch (event.type) {
      case 'run-started':
        of = event.kind ?? 'rollback';
        environment = event.environment;
        operator = line(`${event.operator.user} on ${event.operator.host}`);
        runbook = line(event.runbook.title);
        return [];
      case 'connected': {
        const { database, host } = event.server;
        place = { database: line(database), host: line(host) };
        if (begun) return [];
        begun = true;
        return [news('start', event.at, `A ${of} was begun. Nothing has been run yet.`)];
      }
      case 'step-finished':
        return ofStep(event);
      case 'verification': {
        const wrong = event.verification.checks.filter(({ ok }) => !ok).length;
        if (event.verification.ok) return [];
        const all = event.verification.checks.length;
        return failure(event.at, `The verification failed: ${wrong} of ${all} checks do not hold.`);
      }
      case 'escalated': {
        // Its text may quote what a command said: which act it was is enough to send somebody there.
        const words = `Somebody escalated: ${line(event.act)} was ${event.ok ? 'done' : 'tried, and failed'}.`;
        return [news('escalate', event.at, words)];
      }
      case 'result':
        return ofEnd(event);
      default:
        return [];
    }
  };
}
