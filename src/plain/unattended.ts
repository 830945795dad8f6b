/** Answers without an operator: from the options of the command line, and from nothing else. */
import { EXIT, UserError } from '../exit.ts';
import { BESIDE } from '../wizard/asked.ts';
import { hasTriedAnything, isBlocked } from '../wizard/judge.ts';
import type { Question, State } from '../wizard/types.ts';
import type { Asked, Reply } from './driver.ts';
import { checkGiven, mendAnswer, searchFailed } from './given-repairs.ts';
import { checkCommands } from './unattended-commands.ts';
import { byCheck, checkItems, givenNote, type GivenChecks } from './unattended-checks.ts';

/** The options that answer questions; `src/commands/args.ts` reads them. */
export interface GivenAnswers {
  confirm: string;
  choose: 'rollback' | 'quick' | 'fix-forward';
  reason?: string;
  accept: readonly string[];
  answers: Readonly<Record<string, 'yes' | 'no' | 'unknown'>>;
  /** `--repair`: what is carried out when the decision is to fix forward, or before a rollback that cannot start. */
  repairs?: readonly string[];
  /** `--write-migration`: where the skeleton of a forward migration goes. */
  writeMigration?: string;
  /** Prerequisites of the run before this one, which may have been accepted there alone. */
  acceptedBefore?: readonly string[];
  /** `--without-archive`: the consent that an operator would type. Counts only where no archive can be kept. */
  withoutArchive?: boolean;
  /** `--done`: ids of commands in steps. */
  done?: readonly string[];
  /** `--check`, by the item's id. */
  checks?: GivenChecks;
}

/** The option of the prerequisites by which they are passed without an archive. */
const WITHOUT_ARCHIVE = 'without-archive';

/** What the run is about, as far as it matters where nobody answers. */
type About = Pick<State, 'purpose' | 'undoes'> &
  Partial<Pick<State, 'forward' | 'repairs' | 'mending' | 'screen'>>;

const ROLLBACK: About = { purpose: 'rollback', undoes: null };

const missing = (question: Question, flag: string, { purpose, undoes }: About): UserError =>
  new UserError(
    `This needs an answer, and there is nobody to ask: ${question.prompt} It is answered by ${flag}.`,
    `Give ${flag} if that is what you mean. ${
      purpose === 'undo'
        ? `"backout undo ${undoes ?? ''}" in a terminal shows what it is about and runs nothing unasked.`
        : '"backout plan" shows what it is about.'
    }`,
    EXIT.usage,
  );

/** `--accept backup` → `['--accept', 'backup']`. */
function splitFlag(flag: string): { name: string; id: string } {
  const [name = '', ...rest] = flag.split(' ');
  return { name, id: rest.join(' ').replace(/=.*$/s, '') };
}

/** A path that this runbook or this database does not allow must not pass unseen. */
function chosenOf(question: Question, { choose }: GivenAnswers): string {
  const found =
    question.kind === 'choice' ? question.options.find(({ value }) => value === choose) : undefined;
  if (found ? found.disabled === undefined : choose !== 'quick') return choose;
  throw new UserError(
    `--choose ${choose} cannot be had here: ${found?.disabled ?? 'this runbook does not offer it.'}`,
    'Nothing was run. "backout plan" shows where the database stands.',
    EXIT.prerequisiteFailed,
  );
}

/** Writing first: what is carried out ends the run. */
function forwardAnswer(
  { repairs = [], writeMigration }: GivenAnswers,
  { forward }: About,
): { value: string; from: string } {
  checkGiven(forward?.found ?? [], repairs);
  const { status = 'idle', error = null } = forward?.skeleton ?? {};
  if (writeMigration !== undefined && status === 'idle')
    return { value: 'skeleton', from: '--write-migration' };
  if (error) throw new UserError(error.message, `Nothing was run. ${error.advice}`, EXIT.usage);
  return repairs.length > 0
    ? { value: 'repair', from: '--repair' }
    : { value: 'report', from: 'no --repair' };
}

/** The answer a flag gives to a question, or an error that names the flag. */
function byFlag(
  question: Question,
  flag: string,
  given: GivenAnswers,
  about: About,
): { value: string; from: string } {
  const { name, id } = splitFlag(flag);
  if (name === '--accept') {
    // Of a run that was broken off it is asked what to do; accepting it leaves it as it is.
    if (given.accept.includes(id)) return { value: question.kind === 'choice' ? BESIDE : 'yes', from: flag };
    throw missing(question, flag, about);
  }
  if (name === '--answer') {
    const answer = given.answers[id];
    if (answer !== undefined) return { value: answer, from: `--answer ${id}=${answer}` };
    // The decision is --choose, and that is never assumed; a criterion nobody answered is recorded as not known.
    return { value: 'unknown', from: `no --answer ${id}` };
  }
  if (name === '--choose') return { value: chosenOf(question, given), from: `--choose ${given.choose}` };
  if (name === '--project') throw missing(question, '--project DIR', about);
  if (name === '--repair') return forwardAnswer(given, about);
  if (name === '--write-migration') return { value: given.writeMigration ?? '', from: flag };
  if (name === '--reason') {
    if (given.reason !== undefined) return { value: given.reason, from: '--reason' };
    return { value: `none given: an unattended run with --choose ${given.choose}`, from: 'no --reason' };
  }
  if (name === '--without-archive' && question.kind === 'typed') {
    if (given.withoutArchive === true) return { value: question.expected, from: flag };
    throw missing(question, flag, about);
  }
  if (name === '--confirm') {
    // The name was compared with the database's right after connecting; a step may ask for another word instead.
    const value = question.kind === 'typed' ? question.expected : 'yes';
    return { value, from: `--confirm ${given.confirm}` };
  }
  if (name === '--done') {
    if (given.done?.includes(id)) return { value: 'done', from: flag };
    throw missing(question, flag, about);
  }
  if (name === '--check') return byCheck(id, given.checks);
  throw new Error(`question ${question.id} names a flag that does not exist: ${flag}`);
}

/** Before anything was run: what only a failed step would show is not known when the command line is written. */
function mendWhere(
  question: Question,
  { repairs = [], choose }: GivenAnswers,
  about: About,
): { value: string; from: string } | null {
  if (question.kind !== 'choice' || about.purpose !== 'rollback') return null;
  if (choose === 'fix-forward') {
    const failed = about.screen === 'forward' && about.forward?.status === 'failed' && repairs.length > 0;
    return failed && about.forward ? searchFailed(about.forward) : null;
  }
  if (about.screen !== 'prerequisites' || !about.repairs) return null;
  const { repairs: found, mending = false } = about;
  return mendAnswer((value) => isOffered(question, value), repairs, { repairs: found, mending });
}

const isOffered = (question: Extract<Question, { kind: 'choice' }>, value: string): boolean =>
  question.options.some((option) => option.value === value && option.disabled === undefined);

/**
 * What a run without an operator answers.
 * @throws {UserError} exit status 64, naming the flag that would answer the question
 */
export function unattendedAnswer(
  question: Question,
  given: GivenAnswers,
  about: About = ROLLBACK,
): { value: string; from: string } {
  if (question.kind !== 'continue' && question.kind !== 'wait' && question.flag !== undefined) {
    return byFlag(question, question.flag, given, about);
  }
  if (given.withoutArchive === true && question.kind === 'choice') {
    const option = question.options.find(({ value }) => value === WITHOUT_ARCHIVE);
    if (option && option.disabled === undefined) return { value: option.value, from: '--without-archive' };
  }
  const mended = mendWhere(question, given, about);
  if (mended) return mended;
  // Where the rollback cannot start, fixing forward still can.
  if (given.choose === 'fix-forward' && question.kind === 'choice' && isOffered(question, 'forward'))
    return { value: 'forward', from: '--choose fix-forward' };
  if (question.unattended !== undefined) return { value: question.unattended, from: 'no operator' };
  if (question.kind === 'continue') return { value: 'next', from: 'no operator' };
  throw new Error(`question ${question.id} has neither a flag nor an answer for a run without an operator`);
}

/**
 * Refuses before anything is asked of a database that is not the one that was named.
 * @throws {UserError} exit status 64
 */
export function checkTarget(state: State, given: Pick<GivenAnswers, 'confirm'>): void {
  const server = state.target.server;
  if (server === null || server.database === given.confirm) return;
  throw new UserError(
    `--confirm says ${given.confirm}, but the database that is connected is ${server.database}.`,
    'Nothing was run. Check --database, DATABASE_URL and the PG* variables, then give the name of the database you mean.',
    EXIT.usage,
  );
}

/** Criteria answered on the command line that this runbook does not ask: a misspelt ID must not pass unseen. */
function checkAnswers(state: State, given: GivenAnswers): void {
  const known = state.runbook.criteria.map(({ id }) => id);
  const stray = Object.keys(given.answers).find((id) => !known.includes(id));
  if (stray === undefined) return;
  throw new UserError(
    `--answer ${stray} names no criterion of this runbook.`,
    `Its criteria are: ${known.join(', ')}.`,
    EXIT.usage,
  );
}

/** A misspelt ID must not pass unseen here either; known once every prerequisite has been looked at. */
function checkAccepted(state: State, given: GivenAnswers): void {
  if (state.prerequisites.status !== 'done') return;
  const { acceptedBefore = [] } = given;
  const known = [...state.prerequisites.results.map(({ id }) => id), ...acceptedBefore];
  const stray = given.accept.find((id) => !known.includes(id));
  if (stray === undefined) return;
  throw new UserError(
    `--accept ${stray} names no prerequisite.`,
    `Nothing was run. They are: ${known.join(', ')}.`,
    EXIT.usage,
  );
}

/** A repair that nothing asks for any more must not pass unseen either. */
function checkRepairs(state: State, { repairs = [], choose }: GivenAnswers): void {
  if (repairs.length === 0 || choose === 'fix-forward') return;
  if (state.purpose !== 'rollback') {
    throw new UserError(
      `--repair goes with a rollback or with fixing forward, and this is ${state.purpose === 'undo' ? 'an undo' : 'a repair'}.`,
      'Nothing was run. Leave it out.',
      EXIT.usage,
    );
  }
  if (state.prerequisites.status !== 'done' || isBlocked(state) || hasTriedAnything(state)) return;
  throw new UserError(
    `--repair ${repairs[0] ?? ''}: nothing stands in the way of the rollback that it would mend.`,
    'Nothing was run. Leave it out, or decide to fix forward: --choose fix-forward.',
    EXIT.usage,
  );
}

/** Whoever gave --without-archive has accepted the warning that comes of it; no other warning with that id. */
const agreedTo = (state: State, given: GivenAnswers): GivenAnswers =>
  given.withoutArchive === true && state.withoutArchive
    ? { ...given, accept: [...given.accept, 'archive'] }
    : given;

/** Whether a yes would set SQL going. */
const isConfirmation = (question: Question): boolean =>
  (question.kind === 'confirm' || question.kind === 'typed') && question.flag === '--confirm';

/** What was confirmed on the command line was the database as it stood then: nobody is here to look at it as it is now. */
const VOIDED: Reply = {
  event: { type: 'action', action: 'stop' },
  said:
    'stop (somebody changed the database after this was confirmed; what changed stands above. ' +
    'Look at it, then start again)',
};

/** Ends at once when the question is withdrawn. */
const pause = (ms: number, withdrawn: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (withdrawn.aborted) return resolve();
    const over = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(over, ms);
    withdrawn.addEventListener('abort', over, { once: true });
  });

/** The answerer of `backout run`. The same question asked twice means an answer was refused: that ends it. */
export function unattended(given: GivenAnswers): (asked: Asked) => Promise<Reply> {
  const answered = new Set<string>();
  return ({ screen, state, withdrawn }) => {
    const question = screen.question;
    checkAnswers(state, given);
    checkItems(state, given.checks);
    checkAccepted(state, given);
    checkTarget(state, given);
    checkRepairs(state, given);
    checkCommands(state, given);
    if (answered.has(question.id)) throw new Error(`the answer to ${question.id} was not taken`);
    answered.add(question.id);
    if (isConfirmation(question) && state.steps.some(({ voided }) => voided)) return Promise.resolve(VOIDED);
    const { value, from } =
      givenNote(question, state, given.checks) ?? unattendedAnswer(question, agreedTo(state, given), state);
    const reply: Reply = {
      event: { type: 'answer', question: question.id, value },
      said: question.kind === 'continue' ? undefined : `${value} (${from})`,
    };
    const ms = question.unattendedPauseMs ?? 0;
    return ms === 0 ? Promise.resolve(reply) : pause(ms, withdrawn).then(() => reply);
  };
}
