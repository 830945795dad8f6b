/** What must be true before an undo runs: the same questions as before a rollback, where they make sense. */
import { readCatalog } from '../../postgres/catalog.ts';
import { activity, otherRun } from '../../postgres/prerequisites/activity.ts';
import { answers, isInTheWay, type Check, type CheckContext } from '../../postgres/prerequisites/check.ts';
import { hostileCode } from '../../postgres/prerequisites/hostile-code.ts';
import { privileges } from '../../postgres/prerequisites/privileges.ts';
import { backup, disk } from '../../postgres/prerequisites/room.ts';
import { pooler, primary, serverVersion } from '../../postgres/prerequisites/server.ts';
import { replication } from '../../postgres/prerequisites/replication.ts';
import { pinned } from '../../postgres/scope.ts';
import { storeState } from '../../postgres/store.ts';
import type { Touched } from '../../postgres/touched.ts';
import type { Prerequisite } from '../../postgres/types.ts';
import type { Runbook } from '../../runbook/types.ts';
import { DatabaseError } from '../../sql/session.ts';
import type { TableDefinition } from '../../sql/definition.ts';
import type { Plan, Risk } from '../../sql/types.ts';
import { stepName } from '../../wizard/judge.ts';
import { toLine } from '../../terminal/sanitize.ts';
import type { CourseRequest } from '../course.ts';
import { elsewhereIn, type UndoLook } from './look.ts';

/** Whether every step can be taken back, and what becomes of rows written since. */
export function undoable({ steps }: Pick<UndoLook, 'steps'>): Prerequisite {
  const { pass, warn, fail } = answers('undo', 'What the undo brings back');
  const told = (pick: (step: UndoLook['steps'][number]) => readonly string[]): string[] =>
    steps.flatMap((step) => pick(step).map((line) => `${stepName(step.row.step)}: ${line}`));
  const refused = told(({ offer, facts }) => (facts === null ? [] : offer.refused));
  if (refused.length > 0) {
    return fail(
      'Not every step can be undone.',
      'What is named below has to be put right first, or the rest restored from a backup.',
      refused,
    );
  }
  if (steps.length === 0) return pass('Every step of the run is undone.');
  const words = told(({ offer }) => offer.words);
  const limits = told(({ offer }) => offer.procedure?.notUndoable ?? []);
  const lost = steps.some(({ facts }) =>
    facts?.written.some(({ without }) => Object.values(without).some((rows) => rows > 0)),
  );
  if (limits.length === 0 && !lost) return pass('The archive holds all that is needed.', words);
  return warn(
    'The archive holds what is needed, but not everything will be as it was.',
    'Read what follows before you go on.',
    [...new Set([...limits, ...words])],
  );
}

/** The tables that are there, and those in the archive, as the other checks know tables. */
function touchedBy({ now, kept, steps }: UndoLook): Touched[] {
  const inPlace = (name: string): boolean =>
    steps.some(
      ({ row }) => row.form !== 'copy-and-swap' && row.detail.before.some((one) => named(one, name)),
    );
  return [...now, ...kept].map(({ oid, name }): Touched => ({
    oid,
    table: name,
    renamedTo: null,
    droppedAt: null,
    truncatedAt: null,
    cascade: false,
    droppedColumns: new Set(),
    renamedColumns: new Map(),
    retypedColumns: new Set(),
    reshaped: true,
    writes: new Set(),
    // A restored table is written through once for its values, and once for what was written since.
    updates: inPlace(name) ? 2 : 0,
    droppedIndexes: new Set(),
    droppedConstraints: new Set(),
    columnGoneAt: new Map(),
    constraintGoneAt: new Map(),
    addedConstraints: new Set(),
    leftAt: new Map(),
  }));
}

const named = (before: TableDefinition, name: string): boolean => before.name === name;

/** What the undo takes away is kept like everything else, and here nobody can go without: it was kept before. */
const journal: Check = async ({ session }) => {
  const { pass, fail } = answers('journal', 'The journal and the archive can be written');
  const { state, words } = await storeState(session);
  if (state === 'ready') return pass('The schemas backout and backout_archive are there.');
  return fail(
    'The schemas backout and backout_archive cannot be used by this role.',
    'Connect as the role that made the rollback, or have its rights granted.',
    words,
  );
};

/** In the order they are shown, after what the undo itself says. */
const CHECKS: Readonly<Record<string, Check>> = {
  primary,
  'server-version': serverVersion,
  privileges,
  journal,
  pooler,
  'hostile-code': hostileCode,
  activity,
  replication,
  disk,
  backup,
  'other-run': otherRun,
};

export interface UndoCheck {
  /** The run that is taken back. */
  undoes: string;
  request: CourseRequest;
  look: UndoLook;
  risk: Risk;
  runbook: Runbook;
  plan: Plan;
}

/** @throws {DatabaseError} when the connection is lost, and for a lock that is in the way */
export async function checkUndo(
  { undoes, request, look, risk, runbook, plan }: UndoCheck,
  onResult: (result: Prerequisite) => void,
): Promise<Prerequisite[]> {
  const { session, schema, backup: path } = request;
  const context: CheckContext = {
    ...request,
    related: undoes,
    runbook,
    plan,
    tables: look.now.map(({ name }) => name),
    risk,
    position: look.position,
    catalog: await readCatalog(session, schema, elsewhereIn(look.rows)),
    backup: path === null ? null : { path },
    env: process.env,
    otherRuns: [],
    touched: touchedBy(look),
    attachments: [],
  };
  const results: Prerequisite[] = [];
  const tell = (found: Prerequisite[]): void => {
    for (const result of found) {
      results.push(result);
      onResult(result);
    }
  };
  tell([undoable(look)]);
  for (const [id, check] of Object.entries(CHECKS)) tell(await made(id, check, context));
  return results;
}

/** What could not be looked at is not taken for good. */
async function made(id: string, check: Check, context: CheckContext): Promise<Prerequisite[]> {
  try {
    return [await pinned(context.session, () => check(context))].flat();
  } catch (error) {
    if (context.session.lost || !(error instanceof DatabaseError) || isInTheWay(error)) throw error;
    const { fail } = answers(id, 'A check that could not be made');
    return [
      fail(
        toLine(`The check ${id} failed: ${error.message} (${error.sqlstate}).`),
        'Find out why the server refuses the question, then look again.',
      ),
    ];
  }
}
