/** Procedures for the small runbook: as made by nobody, but of the same shape. */
import { createHash } from 'node:crypto';
import type {
  Action,
  ArchiveEntry,
  Form,
  FormOffer,
  Procedure,
  StepOffers,
} from '../../src/sql/procedure/types.ts';
import type { Plan, StepPosition } from '../../src/sql/types.ts';

/** What the procedure of a step is confirmed by, on a survey with that hash. */
export const hashOf = (survey: string, step: string, form: Form = 'as-written'): string =>
  createHash('sha256').update([survey, step, form].join()).digest('hex');

export const RECORD = 'INSERT INTO backout.step (run, step, detail) VALUES ($1, $2, $3)';
export const SWAP = 'ALTER TABLE backout_archive.events SET SCHEMA public';
export const KEEP =
  'CREATE TABLE backout_archive.r1_s2_1_agent_sessions AS SELECT id, meta FROM agent_sessions';

const ENTRY: ArchiveEntry = {
  seq: 1,
  kind: 'columns',
  object: 'agent_sessions',
  archived: 'r1_s2_1_agent_sessions',
  key: ['id'],
  columns: ['meta'],
  words: 'The values of meta, with the key.',
};

type Draft = Omit<Action, 'index'>;

const draft = (role: Action['role'], sql: string, carries: number[], words: string): Draft => ({
  role,
  sql,
  carries,
  words,
  command: sql.split(' ')[0] ?? '',
});

const record: Draft = {
  ...draft('record', RECORD, [], 'Writes that the step is done.'),
  params: ['r1', 'step', '{"form":"as-written"}'],
};

function draftsOf(plan: Plan, form: Form, { id, statements }: StepPosition): Draft[] {
  const left = statements.filter(({ state }) => state !== 'applied').map(({ index }) => index);
  if (form === 'copy-and-swap') {
    return [
      draft('instead', 'CREATE TABLE backout_archive.events AS SELECT * FROM snapshots', left, 'Builds it.'),
      draft('lock', 'LOCK TABLE snapshots IN ACCESS EXCLUSIVE MODE', [], 'Locks out everybody.'),
      draft('instead', SWAP, left, 'Puts it in its place.'),
      record,
    ];
  }
  const own = plan.steps
    .find((step) => step.id === id)
    ?.statements.filter(({ index }) => left.includes(index))
    .map((statement): Draft => draft('statement', statement.sql, [statement.index], ''));
  const kept = id === 'step-2' ? [draft('archive', KEEP, [], 'Keeps meta.')] : [];
  return [...kept, ...(own ?? []), record];
}

export function procedure(
  plan: Plan,
  survey: string,
  position: StepPosition,
  form: Form = 'as-written',
): Procedure {
  const { id } = position;
  return {
    step: id,
    title: plan.steps.find((step) => step.id === id)?.title ?? '',
    form,
    actions: draftsOf(plan, form, position).map((action, index) => ({ index: index + 1, ...action })),
    locks: id === 'step-1' ? [{ table: 'snapshots', level: 'ACCESS EXCLUSIVE' }] : [],
    guarded: [],
    archive: id === 'step-2' ? [ENTRY] : [],
    cost: {
      lock:
        form === 'copy-and-swap'
          ? 'ACCESS EXCLUSIVE for milliseconds'
          : 'ACCESS EXCLUSIVE for the whole step',
      readers: form === 'copy-and-swap',
      writers: false,
      bytes: 3_400_000,
      basis: 'from the size of the table',
      archiveBytes: id === 'step-2' ? 51_200 : 0,
    },
    notUndoable: [],
    hash: hashOf(survey, id, form),
  };
}

/** Step 1 has two forms and one that is refused; the others have the one. */
function formsOf(plan: Plan, survey: string, position: StepPosition): FormOffer[] {
  const offer = (form: Form): FormOffer => ({
    form,
    refused: [],
    procedure: procedure(plan, survey, position, form),
  });
  if (position.id !== 'step-1') return [offer('as-written')];
  return [
    offer('as-written'),
    offer('copy-and-swap'),
    { form: 'rewrite', refused: ['The view v_events hangs on the table.'], procedure: null },
  ];
}

/** For every step that has something to run and fits. */
export const offersFor = (plan: Plan, survey: string, steps: StepPosition[]): StepOffers[] =>
  steps
    .filter(({ state }) => state === 'pending' || state === 'partial')
    .map((position) => ({ step: position.id, offers: formsOf(plan, survey, position) }));
