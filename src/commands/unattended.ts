/** A run without an operator, whatever it is about: every answer is an option, nothing is assumed. */
import { EXIT, UserError } from '../exit.ts';
import { unattended, type GivenAnswers } from '../plain/unattended.ts';
import type { Asked } from '../plain/driver.ts';
import type { State } from '../wizard/types.ts';
import type { Options } from './args.ts';
import { beginRun, type Place, type Subject } from './begin.ts';
import { toJson } from './document.ts';
import type { Io } from './io.ts';
import { allApplied } from '../wizard/judge.ts';
import { runUnasked } from './unasked.ts';

/** `choose`: of what was decided before, when a run is gone on with or taken back, it is part of the command. */
function givenAnswers(options: Options, acceptedBefore: readonly string[]): GivenAnswers {
  const { confirm, choose = 'rollback', reason, accept, answers, checks, withoutArchive } = options;
  const { repairs = [], writeMigration, done = [] } = options;
  if (confirm === undefined) throw new Error('the command line was not checked');
  const given = { confirm, choose, accept, answers, checks, withoutArchive, repairs, acceptedBefore, done };
  return {
    ...given,
    ...(reason === undefined ? {} : { reason }),
    ...(writeMigration === undefined ? {} : { writeMigration }),
  };
}

/**
 * A form that this database does not allow, or a step that is not there, must not pass unseen.
 * @throws {UserError} 64, with the reasons
 */
export function checkForms({ survey, plan }: Pick<State, 'survey' | 'plan'>, forms: Options['forms']): void {
  if (!survey) return;
  for (const [step, form] of Object.entries(forms)) {
    if (!plan.steps.some(({ id }) => id === step)) {
      throw new UserError(
        `--form ${step}=${form} names no step of this plan.`,
        `Nothing was run. Its steps are: ${plan.steps.map(({ id }) => id).join(', ')}.`,
        EXIT.usage,
      );
    }
    const offers = survey.offers.find((one) => one.step === step)?.offers ?? [];
    const offer = offers.find((one) => one.form === form);
    // Where no form can be had at all, a prerequisite says why.
    if (!offer || offer.refused.length === 0 || offers.every(({ refused }) => refused.length > 0)) continue;
    throw new UserError(
      `--form ${step}=${form} cannot be had here: ${offer.refused.join(' ')}`,
      'Nothing was run. "backout plan" shows the forms of each step, and why others are refused.',
      EXIT.usage,
    );
  }
}

export interface Unattended {
  options: Options;
  subject: () => Promise<Subject>;
  place: Place;
}

/**
 * Runs to the end, and through the repair that was asked for; returns the last exit status. With --json, standard output
 * belongs to the events alone.
 * @param before ids of the prerequisites that the run before it asked about
 */
export async function runUnattended(
  io: Io,
  { options, subject, place }: Unattended,
  before: readonly string[] = [],
): Promise<number> {
  const say = options.json ? io.err : io.out;
  let written: Promise<void> = Promise.resolve();
  const begun = await beginRun(io, {
    options,
    subject,
    surface: 'unattended',
    place,
    ...(options.json
      ? {
          onJournal: (event) => {
            written = io.out(toJson(event, 0));
          },
        }
      : {}),
  });
  const answer = unattended(givenAnswers(options, before));
  let last: State | null = null;
  let status: number;
  try {
    status = await runUnasked(
      io,
      begun,
      say,
      (asked: Asked) => {
        checkForms(asked.state, options.forms);
        return answer(asked);
      },
      (state) => {
        last = state;
      },
    );
  } finally {
    await written;
  }
  return (await repairAfter(io, last, { options, subject, place })) ?? status;
}

/** Whether the rollback goes on once what stood in its way is mended; where it is done already there is nothing to do. */
const goesOn = ({ outcome, survey }: State): boolean =>
  outcome?.next?.kind === 'repair' && outcome.next.after !== null && !allApplied(survey);

/**
 * The run of what was chosen to be mended, confirmed by the same --confirm, and the rollback that it cleared the way for;
 * null when there is none.
 */
async function repairAfter(io: Io, last: State | null, walked: Unattended): Promise<number | null> {
  if (last?.outcome?.next?.kind !== 'repair') return null;
  const { nextSubject, withoutPresets } = await import('./walk.ts');
  const subject = await nextSubject(io, last, walked);
  if (!subject) return null;
  const asked = last.prerequisites.results.map(({ id }) => id);
  const mended = { ...walked, options: withoutPresets(walked.options, last), subject };
  const status = await runUnattended(io, mended, asked);
  const after = last.outcome.next.after;
  if (status !== EXIT.ok || after === null || !goesOn(last)) return status;
  const { forms, wholePlan } = walked.options;
  const options = { ...mended.options, forms, wholePlan };
  const back = async (): Promise<Subject> => ({ ...(await walked.subject()), resume: after.rollback });
  return runUnattended(io, { ...walked, options, subject: back });
}
