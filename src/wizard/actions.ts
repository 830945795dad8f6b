/** The keys that work beside the question's own, and why one does not. */
import { askedOf, type Asked } from './asked.ts';
import { currentStep, hasChangedAnything, hasDoneAnything, isBusy, hasTriedAnything } from './judge.ts';
import { isAtApplication, mayLookAtApplication } from './application.ts';
import { canMend, mayMend } from './mending.ts';
import { isBackupBusy } from './backup.ts';
import { isLeft } from './lock-wait.ts';
import { loneOf, whyNotWhole } from './lone.ts';
import { isAtRehearsal, isRehearsing, whyNotRehearse } from './rehearsal.ts';
import { choosable, isOpen } from './procedure.ts';
import { isQuickBusy } from './quick.ts';
import { isAtDebrief } from './debrief.ts';
import { behindCoach, coachAction, coachOpen, isAtInstructor, isAtList, isAtStory } from './drill.ts';
import { isAtValues } from './values.ts';
import type { Action, State } from './types.ts';

const RUNNING = 'A step is running. Cancel it first: ctrl-c asks the server to stop it.';
const CHANGED =
  'A step of this run is already committed, or may be, so the decision can no longer be taken back here.';

const enabled = (id: Action['id'], keys: string[], label: string): Action => ({
  id,
  keys,
  label,
  enabled: true,
});

const disabled = (id: Action['id'], keys: string[], label: string, reason: string): Action => ({
  id,
  keys,
  label,
  enabled: false,
  reason,
});

const escalate = (label = 'Escalate'): Action => enabled('escalate', ['!'], label);
const leave = (label = 'Leave'): Action => enabled('leave', ['ctrl-c', 'q'], label);

/** The actions of the moment, in the order they are shown. The reducer takes none that is not enabled here. */
export function actionsOf(state: State): Action[] {
  if (state.outcome) return [];
  if (isAtList(state) || isAtInstructor(state) || isAtValues(state)) return [leave()];
  if (state.leaving) return [enabled('stay', ['escape'], 'Stay'), leave('Leave now')];
  if (coachOpen(state)) return besidesCoach(behindCoach(state));
  if (state.escalating) {
    const inside = !['menu', 'working', 'preparing'].includes(state.escalation.at);
    return [
      enabled('back', ['escape'], inside ? 'Back' : 'Close'),
      escalate('Close'),
      ...coach(state),
      ...waysOut(state),
    ];
  }
  return [...besidesQuestion(state), ...coach(state), escalate(), ...waysOut(state)];
}

const coach = (state: State): Action[] => (state.drill ? [coachAction('Coach')] : []);

/** Esc closes the coach and nothing else; what runs behind it can be cancelled as without it. */
function besidesCoach(behind: State): Action[] {
  const ways = waysOut(behind).map((way) => ({ ...way, keys: way.keys.filter((key) => key !== 'escape') }));
  return [enabled('back', ['escape'], 'Close'), coachAction('Close'), escalate(), ...ways];
}

const ESCALATION_WORKS = 'What the escalation does is under way. ! shows it, and ctrl-c stops it there.';
const TAKEN_OVER = 'This run belongs to this database, so no other can be named any more.';
const WATCHING = 'Stop watching first, with Esc.';

/** Leaving, or cancelling where something runs that leaving would abandon. */
function waysOut(state: State): Action[] {
  const step = currentStep(state);
  if (state.escalating && ['working', 'preparing'].includes(state.escalation.at)) {
    return [enabled('cancel', ['ctrl-c'], 'Stop it'), disabled('leave', ['q'], 'Leave', ESCALATION_WORKS)];
  }
  if (state.screen === 'prerequisites' && isBackupBusy(state)) return ofBackup(state);
  if (state.screen === 'prerequisites' && state.otherRun && state.withOther !== 'asking') {
    return state.withOther === 'watching'
      ? [
          enabled('cancel', state.escalating ? ['ctrl-c'] : ['escape', 'ctrl-c'], 'Stop watching'),
          disabled('leave', ['q'], 'Leave', WATCHING),
        ]
      : [disabled('leave', ['q', 'ctrl-c'], 'Leave', 'The run is being taken over; that takes a moment.')];
  }
  if (state.screen === 'step' && isBusy(step)) {
    const cancel =
      step?.status === 'running'
        ? enabled('cancel', ['ctrl-c'], 'Cancel the step')
        : disabled(
            'cancel',
            ['ctrl-c'],
            'Cancel the step',
            'The server has been asked to stop and has not answered yet. Asking again changes nothing; when it answers, ' +
              (loneOf(state, step?.id ?? '') === null
                ? 'the step is either rolled back as a whole or was already committed, and the screen says which.'
                : 'the screen says what is left of it.'),
          );
    return [cancel, disabled('leave', ['q'], 'Leave', RUNNING)];
  }
  if (state.screen === 'plan' && isRehearsing(state)) return ofRehearsal(state);
  if (state.screen === 'quick' && isQuickBusy(state)) return ofQuickRun(state);
  const asked = askedOf({ ...state, escalating: false });
  if (state.screen === 'checklist' && asked.kind === 'wait') {
    return [
      enabled('cancel', ['ctrl-c'], asked.name === 'watched' ? 'Watch no longer' : 'Stop it'),
      disabled('leave', ['q'], 'Leave', 'Something is running here. End it first with ctrl-c.'),
    ];
  }
  if (state.screen === 'checklist' && asked.name === 'stays') {
    return [disabled('leave', ['q', 'ctrl-c'], 'Leave', 'Say first what is to become of what was started.')];
  }
  if (state.escalation.at === 'working') {
    return [disabled('leave', ['q', 'ctrl-c'], 'Leave', ESCALATION_WORKS)];
  }
  return [state.screen === 'report' ? leave('Close') : leave()];
}

/** It only reads; stopping it leaves nothing behind. */
function ofBackup(state: State): Action[] {
  const keys = state.escalating ? ['ctrl-c'] : ['escape', 'ctrl-c'];
  return [
    enabled('cancel', keys, state.backup.cancelling ? 'End it at once' : 'Stop it'),
    disabled('leave', ['q'], 'Leave', 'A backup is being worked on. Stop it first with ctrl-c.'),
  ];
}

/** It works on a copy; stopping it leaves nothing behind. */
function ofRehearsal(state: State): Action[] {
  const stays = disabled('leave', ['q'], 'Leave', 'A rehearsal is under way. Stop it first with ctrl-c.');
  const keys = state.escalating ? ['ctrl-c'] : ['escape', 'ctrl-c'];
  return [
    state.rehearsal.cancelling
      ? disabled(
          'cancel',
          keys,
          'Stop it',
          'It has been asked to stop, and ends as soon as the server lets it.',
        )
      : enabled('cancel', keys, 'Stop it'),
    stays,
  ];
}

const NO_BACKUP = 'The practice database is made anew at every start: there is nothing to back up.';

const backupKey = (state: State): Action =>
  state.environment === 'PRACTICE'
    ? disabled('backup', ['b'], 'Backup', NO_BACKUP)
    : enabled('backup', ['b'], 'Backup');

/** The questions of the prerequisites beside which the backup can be seen to. */
const WITH_BACKUP: readonly string[] = ['accept', 'declined', 'blocked', 'prerequisites'];

const COMMAND_RUNS = 'The command is running, or what it did is being looked at. Stop it first with ctrl-c.';

/** Asked first, then ended; what it did is looked at in either case. */
function ofQuickRun({ quick: { status, stops } }: State): Action[] {
  const stays = disabled('leave', ['q'], 'Leave', COMMAND_RUNS);
  if (status === 'settling') return [disabled('leave', ['q', 'ctrl-c'], 'Leave', COMMAND_RUNS)];
  return [enabled('cancel', ['ctrl-c'], stops === 0 ? 'Stop the command' : 'End it at once'), stays];
}

/** What the question already offers is not offered twice. */
function besidesQuestion(state: State): Action[] {
  const asked = askedOf(state);
  return ofScreen(state, asked).filter((action) => !asked.values?.includes(action.id));
}

function ofScreen(state: State, asked: Asked): Action[] {
  if (asked.name === 'mend' || asked.name === 'mend-value') return [enabled('back', ['escape'], 'Back')];
  if (isAtStory(state)) return [];
  if (isAtDebrief(state)) return [enabled('back', ['escape'], 'Report')];
  if (isAtApplication(state)) return asked.kind === 'wait' ? [] : [enabled('back', ['escape'], 'Back')];
  return [...besidesMending(state, asked), ...mending(state)];
}

function mending(state: State): Action[] {
  if (!mayMend(state)) return [];
  const why = canMend(state);
  return [why === null ? enabled('mend', ['m'], 'Mend it') : disabled('mend', ['m'], 'Mend it', why)];
}

function besidesMending(state: State, asked: Asked): Action[] {
  switch (state.screen) {
    case 'target':
      return ofTarget(state);
    case 'prerequisites':
      return asked.kind === 'wait' ? [] : ofPrerequisites(state, asked.name);
    case 'decision':
      return asked.kind === 'wait' ? [] : [back(state)];
    case 'forward':
      return ofForward(state, asked);
    case 'quick':
      return asked.kind === 'wait' ? [] : [back(state)];
    case 'plan':
      if (isAtRehearsal(state)) return asked.kind === 'wait' ? [] : [enabled('back', ['escape'], 'Back')];
      return asked.name === 'form' ? [KEEP_FORM] : [...ofPlan(state), rehearse(state)];
    case 'step':
      return isBusy(currentStep(state)) ? ofLock(state, asked) : ofStep(state, asked);
    case 'verification':
      return [
        ...(asked.name === 'verification' ? [enabled('retry', ['r'], 'Verify again')] : []),
        ...(mayLookAtApplication(state) ? [enabled('application', ['a'], 'Application')] : []),
      ];
    case 'checklist':
      return ofChecklist(state, asked.name);
    case 'report':
      return asked.kind === 'wait' ? [] : ofReport(state);
  }
}

const KEEP_FORM = enabled('back', ['escape'], 'Keep the form');
const FORMS = enabled('forms', ['f', 'ctrl-f'], 'Forms');

function ofTarget(state: State): Action[] {
  if (state.target.changing) return [enabled('back', ['escape'], 'Keep the database')];
  // The coach has that key.
  if (state.target.status !== 'connected' || state.drill) return [];
  return state.environment === 'PRACTICE'
    ? [
        disabled(
          'change',
          ['c'],
          'Another database',
          'Practice runs on its own embedded database and on no other.',
        ),
      ]
    : [enabled('change', ['c'], 'Another database')];
}

function ofPrerequisites(state: State, name: string): Action[] {
  if (name.startsWith('backup')) return [enabled('back', ['escape'], 'Back')];
  if (name === 'without-archive') return [enabled('back', ['escape'], 'Keep the archive')];
  const backup = WITH_BACKUP.includes(name) ? [backupKey(state)] : [];
  if (hasChangedAnything(state)) return [...backup, disabled('back', ['escape'], 'Back', CHANGED)];
  return state.resumed
    ? [enabled('retry', ['r'], 'Check again'), ...backup, disabled('back', ['escape'], 'Back', TAKEN_OVER)]
    : [enabled('retry', ['r'], 'Check again'), ...backup, enabled('back', ['escape'], 'Back')];
}

function rehearse(state: State): Action {
  const why = whyNotRehearse(state);
  return why === null ? enabled('rehearse', ['h'], 'Rehearse') : disabled('rehearse', ['h'], 'Rehearse', why);
}

function ofPlan(state: State): Action[] {
  const open = state.steps.filter(isOpen).length;
  const whole = state.wholePlan ? 'A transaction a step' : 'One transaction';
  const notWhole = whyNotWhole(state);
  return [
    back(state),
    choosable(state).length > 0
      ? FORMS
      : disabled('forms', ['f', 'ctrl-f'], 'Forms', 'No form is offered for any step that is still to run.'),
    open > 1 && notWhole === null
      ? enabled('whole', ['w'], whole)
      : disabled('whole', ['w'], whole, notWhole ?? 'Fewer than two steps are still to run.'),
  ];
}

const back = (state: State): Action =>
  hasChangedAnything(state)
    ? disabled('back', ['escape'], 'Back', CHANGED)
    : enabled('back', ['escape'], 'Back');

/** An unknown outcome is never left by a side door: it is looked at, or the run stops with it. */
function ofStep(state: State, { kind, name }: Asked): Action[] {
  if (kind === 'wait') return [];
  if (name === 'form') return [KEEP_FORM];
  const label = hasDoneAnything(state) ? 'Stop here' : 'Stop';
  return [
    back(state),
    ...(name === 'confirm' ? [FORMS] : []),
    ...(name === 'unknown' ? [] : [enabled('stop', ['s'], label)]),
  ];
}

/** While a step waits for a lock: what the question of the moment does not offer. */
function ofLock(state: State, { name }: Asked): Action[] {
  if (!state.waiting || currentStep(state)?.status !== 'running') return [];
  if (name === 'terminate') return [enabled('back', ['escape'], 'Do not terminate')];
  return [
    state.waiting.during === 'outside'
      ? disabled(
          'retry',
          ['r'],
          'Try again now',
          'It is not given up in between: it goes on as soon as it can.',
        )
      : enabled('retry', ['r'], 'Try again now'),
    ...(isLeft(state) ? [enabled('blockers', ['b'], 'Who blocks')] : []),
  ];
}

function ofForward(state: State, { kind, name }: Asked): Action[] {
  if (name === 'skeleton') return [enabled('back', ['escape'], 'No file')];
  const { found, sql, status } = state.forward;
  // Nobody has to wait for what is only looked at.
  if (kind === 'wait') return status === 'looking' ? [back(state)] : [];
  const label = sql ? 'Hide SQL' : 'Show SQL';
  return [
    found.length > 0
      ? enabled('sql', ['v'], label)
      : disabled('sql', ['v'], label, 'Nothing was found that SQL would mend.'),
    enabled('retry', ['r'], 'Look again'),
    back(state),
  ];
}

function ofReport(state: State): Action[] {
  return [afterReport('rollback', ['g'], 'Go on with the rollback', whyNotGoOn(state)), ofUndo(state)];
}

const afterReport = (id: 'rollback' | 'undo', keys: string[], label: string, why: string | null): Action =>
  why === null ? enabled(id, keys, label) : disabled(id, keys, label, why);

const ofUndo = (state: State): Action => afterReport('undo', ['u'], 'Undo this run', whyNotUndo(state));

const EXCHANGED =
  'The database under this name is another one now: this run is about the one that was there before.';

function whyNotGoOn(state: State): string | null {
  if (state.after) return null;
  if (state.purpose === 'repair') return 'This repair was not begun from a rollback.';
  if (state.purpose === 'undo') return 'This run took one back. A rollback is begun with "backout".';
  if (state.escalation.done?.exchanged === true) return EXCHANGED;
  if (state.decision.choice === 'fix-forward') return 'The decision was to fix forward.';
  if (state.ending?.outcome === 'verified') return 'The rollback is done and verified.';
  return hasTriedAnything(state)
    ? `This run has ended. "backout resume ${state.run}" goes on with it.`
    : 'This run has ended, and nothing of it was run. Begin again with "backout".';
}

function whyNotUndo(state: State): string | null {
  if (state.purpose === 'undo')
    return 'This run is an undo. What it brought back is taken away by a rollback.';
  if (!hasDoneAnything(state)) return 'Nothing of this run is committed: there is nothing to undo.';
  if (state.escalation.done?.exchanged === true) return EXCHANGED;
  if (state.ending?.outcome === 'unknown') return 'First it must be known what became of its last step.';
  if (state.withoutArchive) return 'This run went without an archive: there is nothing to undo it from.';
  return null;
}

function ofChecklist(state: State, name: string): Action[] {
  const { focus, items } = state.checklist;
  if (name === 'note') return [enabled('back', ['escape'], 'No note')];
  if (['own-command', 'log-file', 'command-placeholder', 'run-command'].includes(name)) {
    return [enabled('back', ['escape'], name === 'log-file' ? 'No file' : 'Do not run it')];
  }
  if (['command', 'watched', 'stays'].includes(name)) return [];
  return [
    focus > 0
      ? enabled('up', ['up', 'k'], 'Previous')
      : disabled('up', ['up', 'k'], 'Previous', 'This is the first item.'),
    focus < items.length
      ? enabled('down', ['down', 'j'], 'Next')
      : disabled('down', ['down', 'j'], 'Next', 'There is no further item.'),
  ];
}
