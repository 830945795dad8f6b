/** Every kind of fault by its name. */
import type { Fault } from '../support/point.ts';
import type { Reference } from '../support/reference.ts';
import { BOUNDARY_KINDS, boundaryFaults } from './boundaries.ts';
import { COMMIT_KINDS, commitFaults } from './commit-race.ts';
import { PARCELS } from '../support/scenario.ts';
import { fullDisks } from './disk.ts';
import { hostileSchemas } from './hostile.ts';
import { deadlocks, lockTimeouts, locksForAWhile } from './locks.ts';
import { lateCommits, partitions } from './network.ts';
import { throughPooler } from './pooler.ts';
import {
  concurrentDdl,
  idleTimeouts,
  permissionsRevoked,
  restoredUnderIt,
  twoAtOnce,
} from './surroundings.ts';
import { xidAgain } from './xid-again.ts';

export interface Kind {
  name: string;
  faults(reference: Reference): Fault[];
}

/** Tries at COMMIT for each of its kinds; where points are taken from the first scenario alone, and elsewhere. */
const AT_COMMIT = 150;
const AT_COMMIT_ELSEWHERE = 42;
const JOURNAL_PLACES = 24;

const hostile = (reference: Reference): Fault[] =>
  reference.scenario.runbook === null
    ? hostileSchemas('codebase_snapshots', 'detection_events')
    : hostileSchemas('shipments', 'parcels');

export const KINDS: Kind[] = [
  ...BOUNDARY_KINDS.map((name) => ({
    name,
    faults: (reference: Reference) => boundaryFaults(reference, name),
  })),
  { name: 'half-open', faults: partitions },
  { name: 'late-commit', faults: lateCommits },
  { name: 'xid-again', faults: xidAgain },
  { name: 'lock-timeout', faults: lockTimeouts },
  { name: 'lock-for-a-while', faults: locksForAWhile },
  { name: 'deadlock', faults: deadlocks },
  { name: 'idle-timeout', faults: idleTimeouts },
  { name: 'permission-revoked', faults: permissionsRevoked },
  { name: 'concurrent-ddl', faults: concurrentDdl },
  { name: 'two-at-once', faults: twoAtOnce },
  { name: 'restored', faults: restoredUnderIt },
  { name: 'journal-full', faults: (reference) => fullDisks(reference, JOURNAL_PLACES) },
  { name: 'pooler', faults: throughPooler },
  { name: 'hostile-schema', faults: hostile },
  ...COMMIT_KINDS.map((name) => ({
    name,
    faults: (reference: Reference) =>
      commitFaults(reference, name, reference.scenario === PARCELS ? AT_COMMIT : AT_COMMIT_ELSEWHERE),
  })),
];
