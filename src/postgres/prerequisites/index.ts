/** The prerequisites: what must be true before anything runs, each with a sentence and what to do about it. */
import { DatabaseError } from '../../sql/session.ts';
import { toLine } from '../../terminal/sanitize.ts';
import { findAttachments } from '../attachments.ts';
import { withEntry } from '../explain/troubleshooting.ts';
import { pinned } from '../scope.ts';
import { touchedTables } from '../touched.ts';
import type { Attachment, Prerequisite } from '../types.ts';
import { activity, otherRun } from './activity.ts';
import { archive } from './archive.ts';
import { attachments } from './attached.ts';
import { isInTheWay, type Check, type CheckContext, type PrerequisiteContext } from './check.ts';
import { hostileCode } from './hostile-code.ts';
import { latestVersion, migrationRecorded } from './migration.ts';
import { extension, privileges } from './privileges.ts';
import { replication } from './replication.ts';
import { backup, disk } from './room.ts';
import { pooler, primary, serverVersion } from './server.ts';
import { fingerprint, state, understood, values } from './state.ts';

export { WITHOUT_ARCHIVE } from './archive.ts';
export type { PrerequisiteContext } from './check.ts';

/** What a repair does not need: it takes back no migration, and no runbook says what it may start from. */
const NOT_OF_REPAIR: ReadonlySet<string> = new Set(['migration-recorded', 'latest-version', 'fingerprint']);

/** In the order they are shown. The ids are what `--accept` names. */
const CHECKS: Readonly<Record<string, Check>> = {
  primary,
  'server-version': serverVersion,
  'migration-recorded': migrationRecorded,
  'latest-version': latestVersion,
  state,
  fingerprint,
  values,
  privileges,
  extension,
  archive,
  attachments,
  pooler,
  'hostile-code': hostileCode,
  activity,
  replication,
  disk,
  backup,
  'other-run': otherRun,
  understood,
};

/** What others may change from one step to the next, and that is looked at in moments. */
const BETWEEN_STEPS: ReadonlySet<string> = new Set(['privileges', 'archive', 'hostile-code']);

/** Those that count anew before each step: rights, where to keep things, and code that would run as us. @throws {DatabaseError} */
export const checkBetweenSteps = async (context: PrerequisiteContext): Promise<Prerequisite[]> =>
  (
    await runChecks(
      context,
      (id) => BETWEEN_STEPS.has(id),
      () => undefined,
    )
  ).results;

/**
 * Runs every check, one after the other; `onResult` hears each result as it is known. Changes nothing. A check that
 * the server refuses to answer fails, with the reason: what could not be looked at is not taken for good.
 * @throws {DatabaseError} when the connection is lost, and for a lock that is in the way: all is looked at again then
 */
export const checkPrerequisites = (
  context: PrerequisiteContext,
  onResult: (result: Prerequisite) => void,
): Promise<Checked> =>
  runChecks(context, (id) => context.kind !== 'repair' || !NOT_OF_REPAIR.has(id), onResult);

interface Checked {
  results: Prerequisite[];
  attachments: Attachment[];
}

async function runChecks(
  context: PrerequisiteContext,
  wanted: (id: string) => boolean,
  onResult: (result: Prerequisite) => void,
): Promise<Checked> {
  const { session, catalog, plan, position } = context;
  const touched = touchedTables(plan, position, catalog);
  const found = await findAttachments(session, catalog, plan, position);
  const results: Prerequisite[] = [];
  for (const [id, check] of Object.entries(CHECKS)) {
    if (!wanted(id)) continue;
    for (const answer of await run(id, check, { ...context, touched, attachments: found })) {
      const result = withEntry(answer, { ...context, attachments: found }, context.runbook);
      results.push(result);
      onResult(result);
    }
  }
  return { results, attachments: found };
}

async function run(id: string, check: Check, context: CheckContext): Promise<Prerequisite[]> {
  try {
    return [await pinned(context.session, () => check(context))].flat();
  } catch (error) {
    if (context.session.lost || !(error instanceof DatabaseError) || isInTheWay(error)) throw error;
    return [
      {
        id,
        title: 'A check that could not be made',
        status: 'fail',
        detail: toLine(`The check ${id} failed: ${error.message} (${error.sqlstate}).`),
        advice: 'Find out why the server refuses the question, then look again.',
        items: [],
      },
    ];
  }
}
