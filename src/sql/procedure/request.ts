/** What the procedures of a plan are made from. */
import type { Attachment } from '../../postgres/types.ts';
import type { TableDefinition } from '../definition.ts';
import type { LeftOver } from '../lone/left-over.ts';
import type { Catalog, Plan, PlanStep, Position, Statement } from '../types.ts';
import type { ForwardMapping, StepLocks } from './types.ts';

export interface OffersRequest {
  plan: Plan;
  position: Position;
  /** As it is. */
  catalog: Catalog;
  /** Of every table the plan names that exists. */
  definitions: readonly TableDefinition[];
  attachments: readonly Attachment[];
  run: string;
  schema: string;
  withoutArchive: boolean;
  /** Whether the journal row is written. */
  keepsJournal: boolean;
  /** Of what the database looked like: a part of every procedure's hash. */
  lookHash: string;
  forward: readonly ForwardMapping[];
  /** server_version_num. */
  serverVersion: number;
  embedded: boolean;
  /** `defaultGrantees` of src/postgres/definition. Without it copy-and-swap is not offered. */
  defaultGrantees?: readonly string[];
  /** Taken before everything else: what keeps a migration tool from working at the same time. */
  toolLocks?: readonly StepLocks[];
  /** The connection's user: who is no superuser can make new tables only for themselves. */
  user?: { name: string; superuser: boolean };
}

/** One step of it, with the database as it will be when the step begins. */
export interface StepRequest {
  request: OffersRequest;
  step: PlanStep;
  pending: Statement[];
  catalog: Catalog;
  /** Sizes are left out of what is written down: they change without anybody changing anything. */
  definitions: TableDefinition[];
  sized: TableDefinition[];
  /** Tables that earlier steps, still to run, change. */
  touched: ReadonlySet<string>;
  /** Statements of later steps that have not run yet. */
  later: Statement[];
  /** Of a statement that runs by itself: the invalid index that an attempt at it left. */
  leftOver: LeftOver | null;
  /** Why nothing but as-written fits the step as it stands. */
  only: string | null;
}
