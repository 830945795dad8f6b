/** What the acts are given, and what each of them prepares. */
import type { CommandsAllowed } from '../shell/consent.ts';
import type { EscalationCommand, EscalationDone, Prepared } from '../wizard/types.ts';
import type { LogLine } from './log.ts';
import type { EscalationPlace } from './place.ts';
import type { StatusAsked } from './status.ts';

export interface ActsOptions {
  /** Asked anew each time: the operator may have named another database. */
  place: () => EscalationPlace;
  commands: readonly EscalationCommand[];
  allowed: CommandsAllowed;
  /** Of the application's source; null where nobody said. */
  projectFolder: string | null;
  status: StatusAsked;
  /** Before the names are exchanged: what backout itself holds open there is closed. */
  release: () => Promise<void>;
  /** Written before anything is changed, and after. */
  log: (line: LogLine) => Promise<void>;
  /** Writes the hand-over; returns where. */
  handOver: (folder: string | null) => Promise<string[]>;
}

export type OnLine = (line: string) => void;
export type CarryOut = (onLine: OnLine) => Promise<EscalationDone>;

/** What a preparation comes to, without what they have in common. */
export type ActPlan = Partial<
  Pick<Prepared, 'words' | 'statements' | 'sessions' | 'tables' | 'questions'>
> & {
  title: string;
  confirm: string | null;
  carryOut?: CarryOut;
};
