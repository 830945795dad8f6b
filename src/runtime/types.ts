/** The one place that does what the wizard wants done. */
import type { Config } from '../config/types.ts';
import type { JournalEvent, UnwrittenEvent } from '../journal/types.ts';
import type {
  Attachment,
  Evidence,
  ExplainedError,
  Prerequisite,
  Recommendation,
  ResolvedSetting,
  ServerInfo,
} from '../postgres/types.ts';
import type { Rehearsal } from '../rehearse/types.ts';
import type { Repair } from '../repair/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { CommandsAllowed } from '../shell/consent.ts';
import type { Catalog, Plan, Position, Verification } from '../sql/types.ts';
import type { LockPolicy } from '../sql/execute/lock-policy.ts';
import type { Event, State, Survey, Task } from '../wizard/types.ts';
import type { Course } from './course.ts';
import type { QuickOptions } from './quick.ts';
import type { RehearsalAsked } from './rehearse.ts';

export interface RuntimeOptions {
  /** The run's id, as made by `newRunId`. */
  run: string;
  version: string;
  runbook: Runbook;
  plan: Plan;
  /** Where the connection comes from. `url` already holds --database or DATABASE_URL; `urlOrigin` says which. */
  connection: { url?: string; urlOrigin?: string; env: NodeJS.ProcessEnv; home: string; osUser: string };
  /** Practice. By default on the embedded database: one session, no second connection. */
  embedded: boolean;
  /** In practice: a second session is answered by a simulation of one, or the server is a real one. Absent: there is none. */
  seconds?: 'simulated' | 'real' | undefined;
  /** `--schema`; otherwise chosen from the role's search_path. */
  schema?: string;
  /** `--backup`. */
  backup?: string;
  /** Absent: as without a configuration file. */
  config?: Config;
  /** Absent: nothing is known of the project but what is in the configuration. */
  quick?: QuickOptions;
  /** Absent: no command of the runbook or the configuration is run. */
  commandsAllowed?: CommandsAllowed;
  /** The folder of all runs; null keeps no journal (read-only commands). */
  runsDir: string | null;
  /** Go on with this unfinished run, at the first check; `run` is then its id as well. */
  resume?: string;
  /** Who runs it, for the row in the database; by default the user and the host of this process. */
  operator?: { user: string; host: string };
  /** By default a rollback by `runbook` and `plan`. */
  course?: Course;
  /** How long locks are waited for; what is left out is as in src/sql/execute/lock-policy.ts. */
  lockPolicy?: Partial<LockPolicy>;
  /**
   * Called with every journal event after it is on disk (`run --json` prints them), and with those that the disk
   * refuses, marked: a reader must hear the result all the same.
   */
  onJournal?: (event: JournalEvent | UnwrittenEvent) => void;
}

export interface Judgement {
  schema: string;
  catalog: Catalog;
  survey: Survey;
  prerequisites: Prerequisite[];
  attachments: Attachment[];
}

/** What `--repair` takes, by the decision it goes with; `error`: it could not be looked for. */
export interface Mendable {
  forward: { found: Repair[]; error: ExplainedError | null };
  rollback: { found: Repair[]; error: ExplainedError | null };
}

export interface Runtime {
  /** Starts a task; what comes of it arrives as events, in order. Never throws. */
  perform(task: Task, emit: (event: Event) => void): void;
  /** Resolves when no task is under way. */
  idle(): Promise<void>;
  /** The run's folder once something was recorded, else null. */
  readonly folder: string | null;
  /** The run's id: another's after a take-over. */
  readonly run: string;

  // for the read-only commands; each throws UserError or DatabaseError
  connect(url?: string): Promise<{ settings: ResolvedSetting[]; server: ServerInfo; warnings: string[] }>;
  position(): Promise<{ catalog: Catalog; position: Position }>;
  judge(onPrerequisite?: (result: Prerequisite) => void): Promise<Judgement>;
  evidence(
    judgement: Judgement,
  ): Promise<{ evidence: Evidence[]; toAsk: State['decision']['toAsk']; recommendation: Recommendation }>;
  verify(): Promise<Verification>;
  /** The plan on a copy; leaves nothing. */
  rehearse(asked: RehearsalAsked): Promise<Rehearsal>;
  /** What SQL would mend: of the migrated state, and of what stands in the way of a rollback. */
  repairs(judgement: Judgement): Promise<Mendable>;
  close(): Promise<void>;
}

export type CreateRuntime = (options: RuntimeOptions) => Runtime;
