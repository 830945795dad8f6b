/** Looks for what is wrong with a database that could be mended by SQL. Reads only. */
import type { ExplainedError, Prerequisite, ServerInfo } from '../postgres/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { TableDefinition } from '../sql/definition.ts';
import type { Session } from '../sql/session.ts';
import type { Catalog, Plan, Position, Risk } from '../sql/types.ts';
import { FAILURE_FINDERS } from './find/failure.ts';
import { FORWARD_FINDERS } from './find/forward/index.ts';
import { keysNotPutBack } from './find/keys-put-back.ts';
import { PREREQUISITE_FINDERS } from './find/prerequisites.ts';
import type { Repair, RepairNote } from './types.ts';

/** Where it was looked from, and why. */
export type RepairAbout =
  /** The migration stays: what is wrong with the migrated state. */
  | { kind: 'forward' }
  /** A step failed: what stands in its way. */
  | { kind: 'failure'; step: string; error: ExplainedError }
  /** The rollback does not start: what stands in its way. */
  | { kind: 'prerequisites'; failed: Prerequisite[] };

export interface RepairContext {
  about: RepairAbout;
  session: Session;
  server: ServerInfo;
  schema: string;
  runbook: Runbook;
  plan: Plan;
  catalog: Catalog;
  /** Of the tables the plan names. */
  definitions: TableDefinition[];
  position: Position;
  risk: Risk | null;
  /** Takes what is to be weighed, or why something cannot be mended. */
  note?: (note: RepairNote) => void;
}

export type Finder = (context: RepairContext) => Promise<Repair[]>;

const FINDERS: Record<RepairAbout['kind'], readonly Finder[]> = {
  forward: [...FORWARD_FINDERS, keysNotPutBack],
  failure: FAILURE_FINDERS,
  prerequisites: PREREQUISITE_FINDERS,
};

/** In the order in which they should be carried out; one of each id. @throws {DatabaseError} */
export async function findRepairs(context: RepairContext): Promise<Repair[]> {
  const found: Repair[] = [];
  for (const finder of FINDERS[context.about.kind]) {
    for (const repair of await finder(context)) {
      if (!found.some(({ id }) => id === repair.id)) found.push(repair);
    }
  }
  return found;
}
