/** A rehearsal asked of the runtime: on its connection, by its runbook and plan. */
import { rehearse } from '../rehearse/rehearse.ts';
import type { Rehearsal, RehearsalNews, RehearsalOptions } from '../rehearse/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Plan } from '../sql/types.ts';
import { openSession } from '../postgres/connect.ts';
import type { Connection } from '../postgres/settings.ts';
import type { CourseRequest } from './course.ts';

export interface RehearsalAsked {
  options: RehearsalOptions;
  withoutArchive: boolean;
  hear(news: RehearsalNews): void;
  stop: AbortSignal;
}

/** @throws {DatabaseError} when the database cannot be looked at, or the copy cannot be made */
export function rehearseNow(
  asked: RehearsalAsked,
  request: CourseRequest,
  about: { runbook: Runbook; plan: Plan; connection: Connection; now(): number },
): Promise<Rehearsal> {
  return rehearse({
    ...about,
    ...request,
    open: (connection) => openSession(connection, { applicationName: `backout/${request.run}` }),
    env: process.env,
    ...asked,
  });
}
