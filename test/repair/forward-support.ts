/** Looks for what fixing forward would mend, on an embedded database in a state of its own. */
import type { PGlite } from '@electric-sql/pglite';
import { fileURLToPath } from 'node:url';
import { loadPlan } from '../../src/commands/load.ts';
import type { Repair, RepairNote } from '../../src/repair/types.ts';
import type { CourseRequest } from '../../src/runtime/course.ts';
import { lookForRepairs } from '../../src/runtime/mending.ts';
import { withSchema } from '../../src/postgres/scope.ts';
import { sessionOn } from '../support/pglite.ts';

export const SHIPPED = fileURLToPath(
  new URL('../../runbooks/20250101000014-align-schema-table-names.md', import.meta.url),
);

export interface Found {
  repairs: Repair[];
  notes: RepairNote[];
  ids: string[];
}

export async function lookForward(db: PGlite, runbook = SHIPPED): Promise<Found> {
  const session = sessionOn(db);
  await withSchema(session, 'public');
  const loaded = await loadPlan(runbook);
  const open = { session, schema: 'public', server: {} } as unknown as CourseRequest;
  const event = await lookForRepairs(open, { kind: 'forward' }, { ...loaded, survey: null });
  await db.exec('RESET search_path');
  return { repairs: event.found, notes: event.notes ?? [], ids: event.found.map(({ id }) => id) };
}
