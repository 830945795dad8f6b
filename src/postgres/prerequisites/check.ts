/** What every check is given, and how it answers. */
import type { RunKind } from '../../journal/types.ts';
import type { Runbook } from '../../runbook/types.ts';
import type { StepOffers } from '../../sql/procedure/types.ts';
import type { DatabaseError, Session } from '../../sql/session.ts';
import type { Catalog, Plan, Position, Risk } from '../../sql/types.ts';
import { toLine } from '../../terminal/sanitize.ts';
import type { Touched } from '../touched.ts';
import type { Attachment, Prerequisite, ServerInfo } from '../types.ts';

export interface PrerequisiteContext {
  session: Session;
  server: ServerInfo;
  schema: string;
  runbook: Runbook;
  plan: Plan;
  catalog: Catalog;
  position: Position;
  risk: Risk;
  /** What the operator named, not yet looked at. */
  backup: { path: string } | null;
  /** Where backups are looked for when none was named. */
  backupFolders?: readonly string[];
  env: NodeJS.ProcessEnv;
  /** A second connection with the same settings. Not called for the embedded database, which takes one. */
  openOther: () => Promise<Session>;
  /** Runs on this machine that are not finished. */
  otherRuns: { run: string; owner: string; host: string; startedAt: string }[];
  /** Milliseconds between the two samples of the write counters; a little over a second by default. */
  sampleMs?: number;
  /** This run's own id. */
  run?: string;
  /** Absent: a rollback. */
  kind?: RunKind;
  /** The run that this one takes back, or was begun from. */
  related?: string | null;
  /** The operator typed that they go without the archive. */
  withoutArchive?: boolean;
  /** How the steps would be carried out. */
  offers?: StepOffers[];
}

/** With what several checks need. */
export interface CheckContext extends PrerequisiteContext {
  touched: Touched[];
  attachments: Attachment[];
  /** What a backup has to hold, where the plan does not name it. */
  tables?: readonly string[];
}

/** One or more results. Runs with our own search_path. @throws {DatabaseError} */
export type Check = (context: CheckContext) => Promise<Prerequisite | Prerequisite[]>;

/** lock_not_available, deadlock_detected (manual, errcodes-appendix): it says nothing of what was asked. */
export const isInTheWay = ({ sqlstate }: DatabaseError): boolean => ['55P03', '40P01'].includes(sqlstate);

/** The three answers of one check. */
export function answers(id: string, title: string) {
  const make =
    (status: Prerequisite['status']) =>
    (detail: string, advice = '', items: string[] = []): Prerequisite => ({
      id,
      title,
      status,
      detail: toLine(detail),
      advice: toLine(advice),
      items: items.map((item) => toLine(item)),
    });
  const pass = make('pass');
  return {
    pass: (detail: string, items: string[] = []) => pass(detail, '', items),
    warn: make('warn'),
    fail: make('fail'),
  };
}

/** The embedded database has one session and nobody else in it. */
export const ALONE = 'The practice database has one session only: there is nobody else in it.';

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
