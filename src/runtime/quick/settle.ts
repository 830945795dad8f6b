/** What a quick rollback did: asked of the database once nobody is at work on its tables any more, and written down. */
import type { CommandResult } from '../../journal/types.ts';
import { pinned } from '../../postgres/scope.ts';
import { isChanged, verdictOf, type Aftermath } from '../../quick/verdict.ts';
import type { QuickFound } from '../../quick/types.ts';
import { forwardOf } from '../../runbook/forward.ts';
import type { Runbook } from '../../runbook/types.ts';
import { loadParser } from '../../sql/parse.ts';
import { DatabaseError } from '../../sql/session.ts';
import type { Plan } from '../../sql/types.ts';
import type { Survey } from '../../wizard/types.ts';
import type { CourseRequest } from '../course.ts';
import { lookAt } from '../look.ts';
import { compare, stillAtWork, type Comparison } from './compare.ts';
import { openCopies } from './copies.ts';
import { recordedVersions } from './versions.ts';
import { closeCopies, quickRecord, writeDown } from './write-down.ts';

export interface SettleRequest {
  open: CourseRequest;
  runbook: Runbook;
  plan: Plan;
  result: CommandResult;
  command: string;
  /** Versions that were recorded before it; null where there is no table of them. */
  recordedBefore: string[] | null;
  /** Before it; null where that is not known any more. */
  before: Survey | null;
  now(): number;
}

/** A command that was ended from here leaves a session on the server that may still be at work. Milliseconds. */
const WAIT_MS = 20_000;
const LOOK_MS = 250;

async function waitForOthers(
  { open, now }: SettleRequest,
  copies: Parameters<typeof stillAtWork>[1],
): Promise<void> {
  const until = now() + WAIT_MS;
  let pids = await pinned(open.session, () => stillAtWork(open.session, copies));
  while (pids.length > 0 && now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    pids = await pinned(open.session, () => stillAtWork(open.session, copies));
  }
  if (pids.length === 0) return;
  throw new DatabaseError(`a session is still changing these tables: pid ${pids.join(', ')}`, '55P03', {
    detail: 'What the quick rollback did is known once it has ended.',
    hint: 'Wait for its end, then look again.',
  });
}

const NOTHING: Comparison = { fates: [], created: [] };

function notUndoableOf({ fates }: Comparison, others: readonly string[]): string[] {
  const gone = fates.filter(({ now }) => now === null).map(({ copy }) => copy.facts.definition.name);
  return [
    ...(gone.length === 0
      ? []
      : [`What was written to ${gone.join(', ')} between the copy and the rollback is in no copy.`]),
    ...(others.length === 0
      ? []
      : [
          `The command took back more than this migration: what ${others.join(', ')} changed is in no copy, and is not brought back.`,
        ]),
  ];
}

/** Reads, writes the step's row where something was done, and says what was found. @throws {DatabaseError} */
export async function settle(request: SettleRequest): Promise<QuickFound> {
  const { open, runbook, plan, result, command, recordedBefore, before } = request;
  const { session, schema, run } = open;
  await loadParser();
  const copies = await openCopies(session, run);
  await waitForOthers(request, copies);
  const look = await lookAt(open, plan);
  const recorded = await recordedVersions(session, plan, look.catalog);
  const comparison =
    copies.length === 0 ? NOTHING : await pinned(session, () => compare(session, schema, plan, copies));
  const version = runbook.migration?.version ?? '';
  const after = recorded?.versions ?? [];
  const others = (recordedBefore ?? []).filter((one) => one !== version && !after.includes(one));
  const aftermath: Aftermath = {
    result,
    tables: comparison.fates
      .filter(({ copy }) => copy.facts.version === null)
      .map(({ copy, now, changed }) => ({
        before: copy.facts.definition.name,
        now: now?.name ?? null,
        changed,
      })),
    created: comparison.created.map(({ name }) => name),
    // Without copies the look itself is what there is to compare with.
    otherwise: copies.length === 0 && before !== null && before.hash !== look.hash,
    others,
    version,
    recordedBefore: recordedBefore === null ? null : recordedBefore.includes(version),
    recorded: recorded ? recorded.versions.includes(version) : null,
    steps: look.position.steps.map(({ id, state, statements }) => ({
      id,
      state,
      applied: statements.filter((one) => one.state === 'applied').length,
      statements: statements.length,
    })),
    meanwhile: comparison.fates.flatMap(({ meanwhile }) => meanwhile ?? []),
    keptAt: copies[0]?.facts.at ?? null,
  };
  // Without copies the look itself is what there is to compare with.
  const changed = isChanged(aftermath);
  const notUndoable = copies.length === 0 ? ['Nothing was archived.'] : notUndoableOf(comparison, others);
  const words = verdictOf(aftermath);
  if (copies.length > 0 && changed) {
    const record = quickRecord(comparison, { schema, forward: forwardOf(runbook), notUndoable });
    await pinned(session, () => writeDown({ session, run, comparison, record, command }));
  } else if (copies.length > 0) {
    await pinned(session, () => closeCopies(session, run, copies));
  }
  return {
    changed,
    recorded: aftermath.recorded,
    words,
    notUndoable: changed ? notUndoable : [],
    undoable: changed && copies.length > 0,
  };
}
