/**
 * What is asked right now, without its words: the reducer takes answers to this and nothing else, and the screens
 * put it into words. An id is never used for two different things.
 */
import {
  allApplied,
  canGoWithoutArchive,
  currentStep,
  failing,
  hasChangedAnything,
  isBlocked,
  isBusy,
  isInConflict,
  isSevere,
  nextWarning,
  possibility,
  whyNotTakeOver,
} from './judge.ts';
import { applicationAnswers, isAtApplication } from './application.ts';
import { canMend, mayMend } from './mending.ts';
import { itemAnswers } from './checklist.ts';
import { blockersKey, isLeft, lockAnswers, toTerminate } from './lock-wait.ts';
import { backupAsked } from './backup.ts';
import { rehearsalAsked } from './rehearsal.ts';
import { offeredForms, procedureOf } from './procedure.ts';
import { isQuickOffered, quickAsked } from './quick.ts';
import { escalationAsked } from './escalation.ts';
import { debriefAsked, isAtDebrief } from './debrief.ts';
import { drillAsked, isAtStory } from './drill.ts';
import { COMMAND_ANSWERS, commandNow } from './step-command.ts';
import { valueAsked } from './values.ts';
import type { LockWait, Question, State, StepRun } from './types.ts';

export interface Asked {
  id: string;
  /** What kind of thing is asked: the screens' and the reducer's common name for it. */
  name: string;
  kind: Question['kind'];
  /** The answers that are taken; null takes any text. */
  values: string[] | null;
  /** What it is about: an id of the runbook, the plan or the prerequisites. */
  subject?: string;
}

const YES_NO = ['yes', 'no'];

const wait = (name: string): Asked => ({ id: `wait:${name}`, name, kind: 'wait', values: [] });

/** Asks with the turn in the id, so that a second key press cannot answer what follows. */
function ask(
  state: State,
  kind: Question['kind'],
  name: string,
  values: string[] | null,
  subject?: string,
): Asked {
  const id = [name, ...(subject === undefined ? [] : [subject]), state.turn].join(':');
  return { id, name, kind, values, ...(subject === undefined ? {} : { subject }) };
}

const goOn = (state: State, name: string): Asked => ask(state, 'continue', name, ['next']);

/** Named by what it is about alone, as flags do; later rounds are told apart. */
function askAbout(
  state: State,
  kind: Question['kind'],
  name: string,
  subject: string,
  values: string[],
): Asked {
  const { round } = state.prerequisites;
  return { id: `${name}:${subject}${round > 1 ? `@${round}` : ''}`, name, kind, values, subject };
}

/** The one thing that is asked, or waited for. */
export function askedOf(state: State): Asked {
  if (state.outcome) return wait('ended');
  if (state.leaving) return ask(state, 'confirm', 'leave', YES_NO);
  if (state.values) return valueAsked(state, (...about) => ask(state, ...about)) ?? wait('values');
  const drill = drillAsked(state, (...about) => ask(state, ...about));
  if (drill) return drill;
  return state.escalating ? escalationAsked(state) : onScreen(state);
}

function onScreen(state: State): Asked {
  if (state.mending && mayMend(state)) return onMending(state);
  if (isAtApplication(state)) return onApplication(state);
  if (isAtStory(state)) return goOn(state, 'story');
  if (isAtDebrief(state)) return debriefAsked(state, (...about) => ask(state, ...about)) ?? wait('judging');
  switch (state.screen) {
    case 'target':
      return onTarget(state);
    case 'prerequisites':
      return onPrerequisites(state);
    case 'decision':
      return onDecision(state);
    case 'forward':
      return onForward(state);
    case 'quick':
      return onQuick(state);
    case 'plan':
      return onForms(state) ?? onRehearsal(state) ?? goOn(state, 'plan');
    case 'step':
      return onStep(state);
    case 'verification':
      return onVerification(state);
    case 'checklist':
      return onChecklist(state);
    case 'report':
      return onReport(state);
  }
}

function onRehearsal(state: State): Asked | null {
  const asked = rehearsalAsked(state);
  if (!asked) return null;
  return asked.kind === 'wait' ? wait(asked.name) : ask(state, asked.kind, asked.name, asked.values);
}

function onQuick(state: State): Asked {
  const asked = quickAsked(state);
  return asked ? ask(state, asked.kind, asked.name, asked.values) : wait(`quick-${state.quick.status}`);
}

function onTarget(state: State): Asked {
  const { status, changing } = state.target;
  if (changing) return ask(state, 'text', 'url', null);
  if (status === 'connected') return goOn(state, 'target');
  if (status !== 'failed') return wait('connecting');
  const change = state.environment === 'PRACTICE' ? [] : ['change'];
  return ask(state, 'choice', 'connect-failed', ['retry', ...change, 'leave']);
}

/** The word that is typed to go without the archive. */
export const WITHOUT_ARCHIVE = 'without archive';

function onApplication(state: State): Asked {
  const { status, consenting } = state.application;
  if (status === 'working') return wait('application');
  if (status !== 'done') return ask(state, 'text', 'application-folder', null);
  if (consenting) return ask(state, 'typed', 'edit-files', null);
  return ask(state, 'choice', 'application', applicationAnswers(state));
}

/** Where something is known that would mend it, that is an answer too. */
const mend = (state: State): string[] => (canMend(state) === null ? ['mend'] : []);

/** Each repair is taken in or out by an answer of its own; going is another. */
function onMending(state: State): Asked {
  const { asking } = state.repairs;
  if (asking !== null) return ask(state, 'text', 'mend-value', null, asking);
  const toggles = state.repairs.found.map(({ id }) => `toggle:${id}`);
  return ask(state, 'choice', 'mend', [...toggles, 'go', 'close']);
}

function onPrerequisites(state: State): Asked {
  const { status, declined } = state.prerequisites;
  const backup = backupAsked(state);
  if (backup)
    return backup.kind === 'wait' ? wait(backup.name) : ask(state, backup.kind, backup.name, backup.values);
  if (status === 'failed') return ask(state, 'choice', 'check-failed', ['retry', 'leave']);
  if (status !== 'done') return wait('checking');
  if (state.otherRun) return onOtherRun(state);
  if (state.consenting) return ask(state, 'typed', 'without-archive', null);
  if (isBlocked(state)) return ask(state, 'choice', 'blocked', blockedAnswers(state));
  if (declined !== null) return ask(state, 'choice', 'declined', ['again', 'retry', 'leave'], declined);
  const warning = nextWarning(state);
  if (warning) return askAbout(state, 'confirm', 'accept', warning.id, YES_NO);
  return goOn(state, 'prerequisites');
}

function blockedAnswers(state: State): string[] {
  const rollback = state.purpose === 'rollback' && state.survey ? ['forward'] : [];
  return [
    ...mend(state),
    'retry',
    ...(canGoWithoutArchive(state) ? ['without-archive'] : []),
    ...(allApplied(state.survey) ? ['verify'] : rollback),
    'leave',
  ];
}

/** The answer that leaves a run that was broken off as it is, and goes on with this one. */
export const BESIDE = 'begin';

function onOtherRun(state: State): Asked {
  if (state.withOther === 'watching') return wait('watching');
  if (state.withOther === 'taking-over') return wait('taking-over');
  const takeOver = whyNotTakeOver(state) === null ? ['take-over'] : [];
  const begin = state.otherRun?.live === false ? [BESIDE] : [];
  const values = ['watch', ...takeOver, ...begin, 'retry', 'leave'];
  return ask(state, 'choice', 'other-run', values, state.otherRun?.run);
}

/** Asked for one step at a time, on the screen it was asked from. */
function onForms(state: State): Asked | null {
  const step = state.choosing?.step;
  if (step === undefined) return null;
  return ask(
    state,
    'choice',
    'form',
    offeredForms(state.survey, step).map(({ form }) => form),
    step,
  );
}

function onDecision(state: State): Asked {
  const { status, error, toAsk } = state.decision;
  if (error) return ask(state, 'choice', 'evidence-failed', ['retry', 'leave']);
  if (status === 'idle' || status === 'gathering') return wait('evidence');
  if (state.quick.status === 'looking') return wait('quick-looking');
  const criterion = toAsk[0];
  if (status === 'asking' && criterion) {
    return askAbout(state, 'choice', 'criterion', criterion.id, ['yes', 'no', 'unknown']);
  }
  if (status === 'reason') return ask(state, 'text', 'reason', null);
  const back = conflicts(state) ? [] : ['rollback'];
  const quick = !conflicts(state) && isQuickOffered(state) ? ['quick'] : [];
  return ask(state, 'choice', 'choose', [...back, ...quick, 'fix-forward']);
}

/** Each repair is taken in or out by an answer of its own; carrying them out is another. */
function onForward(state: State): Asked {
  const { status, found, chosen, skeleton } = state.forward;
  if (status === 'failed') return ask(state, 'choice', 'forward-failed', ['retry', 'report']);
  if (status !== 'done') return wait('looking-forward');
  if (skeleton.status === 'asking') return ask(state, 'text', 'skeleton', null);
  if (skeleton.status === 'writing') return wait('writing-skeleton');
  const toggles = found.map(({ id }) => `toggle:${id}`);
  const repair = chosen.length > 0 ? ['repair'] : [];
  return ask(state, 'choice', 'forward', [...toggles, ...repair, 'skeleton', 'report']);
}

/** A conflict cannot be run, whatever the reason given; rows that would fail can be mended and tried again. */
export const conflicts = (state: State): boolean =>
  !possibility(state.survey).possible &&
  (state.survey?.position.steps.some((step) => step.state === 'conflict') ?? true);

function onStep(state: State): Asked {
  const step = currentStep(state);
  if (!step) return wait('step');
  if (state.look.status !== 'idle') return wait('look');
  if (step.status === 'running' && state.waiting) return onLock(state, step, state.waiting);
  if (isBusy(step)) return wait(step.status);
  const back = hasChangedAnything(state) ? [] : ['back'];
  if (step.status === 'unknown') return ask(state, 'choice', 'unknown', ['look', 'stop'], step.id);
  if (step.status === 'failed')
    return ask(state, 'choice', 'failed', [...mend(state), 'retry', ...back, 'stop'], step.id);
  if (step.status !== 'waiting')
    return onCommand(state) ?? ask(state, 'continue', 'after', ['next'], step.id);
  if (state.stale) return ask(state, 'choice', 'stale', ['look', 'stop'], step.id);
  if (isInConflict(state.survey, step.id)) {
    return ask(state, 'choice', 'conflict', [...mend(state), 'look', ...back, 'stop'], step.id);
  }
  if (failing(state.prerequisites.results).length > 0) {
    return ask(state, 'choice', 'not-met', [...mend(state), 'look', ...back, 'stop'], step.id);
  }
  if (!procedureOf(state, step.id))
    return ask(state, 'choice', 'no-form', ['look', ...back, 'stop'], step.id);
  const form = onForms(state);
  if (form) return form;
  if (state.paused) return ask(state, 'choice', 'paused', ['again', ...back, 'stop'], step.id);
  const command = onCommand(state);
  if (command) return command;
  const id = `confirm:${step.id}:${step.attempt + 1}:${state.turn}`;
  return isSevere(state, step.id)
    ? { id, name: 'confirm', kind: 'typed', values: null, subject: step.id }
    : { id, name: 'confirm', kind: 'confirm', values: YES_NO, subject: step.id };
}

function onCommand(state: State): Asked | null {
  const now = commandNow(state);
  return now && ask(state, 'choice', 'step-command', [...COMMAND_ANSWERS], now.command.id);
}

/** Named by who blocks: a key that was meant for one session never reaches another. */
function onLock(state: State, step: StepRun, waiting: LockWait): Asked {
  const blocker = toTerminate(state);
  if (blocker) {
    const id = `terminate:${blocker.pid}:${state.turn}`;
    return { id, name: 'terminate', kind: 'typed', values: null, subject: step.id };
  }
  if (waiting.blockers.length === 0 || waiting.acting !== null || isLeft(state)) return wait('lock');
  const asked = ask(state, 'choice', 'lock', lockAnswers(waiting), step.id);
  return { ...asked, id: `${asked.id}:${blockersKey(waiting)}` };
}

function onVerification(state: State): Asked {
  const { status, result } = state.verification;
  if (status === 'failed') return ask(state, 'choice', 'verify-failed', ['retry', 'go-on']);
  if (status !== 'done' || !result) return wait('verifying');
  return result.ok ? goOn(state, 'verification') : ask(state, 'choice', 'not-verified', ['go-on', 'retry']);
}

function onChecklist(state: State): Asked {
  const { items, focus, asking } = state.checklist;
  const item = items[focus];
  if (!item) return goOn(state, 'checklist');
  if (item.running) return wait(item.watched ? 'watched' : 'command');
  if (item.stays) return ask(state, 'choice', 'stays', ['stop', 'leave', 'longer'], item.id);
  if (asking === 'note') return ask(state, 'text', 'note', null, item.id);
  if (asking === 'command') return ask(state, 'text', 'own-command', null, item.id);
  if (asking === 'file') return ask(state, 'text', 'log-file', null, item.id);
  if (asking === 'placeholder') return ask(state, 'text', 'command-placeholder', null, item.id);
  if (asking === 'confirm') return ask(state, 'typed', 'run-command', null, item.id);
  return ask(state, 'choice', 'item', itemAnswers(item), item.id);
}

function onReport(state: State): Asked {
  if (state.report.status === 'failed') return ask(state, 'choice', 'report-failed', ['retry', 'close']);
  return state.report.status === 'written' ? goOn(state, 'close') : wait('report');
}
