/** The escalation, in front of any screen: whom to call, what can be done, and doing it. */
import { actionsOf } from '../wizard/actions.ts';
import { askedOf, type Asked } from '../wizard/asked.ts';
import { offeredActs } from '../wizard/escalation.ts';
import { currentStep, isBusy, stepName } from '../wizard/judge.ts';
import { isQuickBusy } from '../wizard/quick.ts';
import type { Block, EscalationAct, Option, Question, Screen, State } from '../wizard/types.ts';
import {
  codeBlocks,
  errorBlocks,
  gap,
  heading,
  item,
  log,
  prose,
  safe,
  sql,
  table,
  text,
  wait,
} from './blocks.ts';

/** The screen's question gives way, so that nothing is answered that is not in view; what runs goes on. */
export function escalationScreen(state: State): Screen {
  const { at, prepared } = state.escalation;
  const notice = state.notice === null ? [] : [text(state.notice, 'warn'), gap];
  const title =
    at === 'menu' || at === 'path' ? 'Escalate' : `Escalate: ${prepared?.title ?? 'what was chosen'}`;
  return {
    id: state.screen,
    title: safe(title),
    blocks: [...notice, ...blocks(state)],
    question: question(state),
    actions: actionsOf(state),
  };
}

function blocks(state: State): Block[] {
  const { at, prepared, output, done, error } = state.escalation;
  switch (at) {
    case 'menu':
      return menu(state);
    case 'path':
      return [
        text('A backup is restored into a new database beside the damaged one, and counted there.'),
        text('Nothing is dropped: until then the damaged one is the only copy of every row written since.'),
      ];
    case 'preparing':
      return [text('Looking. Nothing is changed by that.')];
    case 'question':
    case 'prepared':
      return prepared ? preparedBlocks(state) : [];
    case 'working':
      return [...(output.length === 0 ? [text('Under way.')] : [log(output)])];
    case 'done':
      return [
        ...(output.length === 0 ? [] : [log(output, 12), gap]),
        ...(error ? errorBlocks(error, state.runbook) : []),
        ...(done ? doneBlocks(done) : []),
      ];
  }
}

function menu(state: State): Block[] {
  const { facts, blind } = state.escalation;
  return [
    ...running(state),
    ...contacts(state),
    ...(facts?.stopped
      ? [item('warn', `All writes are stopped, since ${facts.stopped.at}, by ${facts.stopped.by}.`)]
      : []),
    ...(facts?.beside ?? []).map((line) => item('none', line)),
    ...(blind === null ? [] : [text(`What stands beside this database could not be read: ${blind}`, 'warn')]),
    ...runbookWords(state),
  ];
}

/** Where the run is left or has ended: the application stands still until somebody lets it in again. */
export function stoppedBlocks({ escalation, target }: State): Block[] {
  if (!escalation.stopped) return [];
  const database = target.server?.database ?? 'this database';
  return [
    gap,
    text(`All writes to ${safe(database)} are still stopped.`, 'warn'),
    text('"backout escalate --allow-writes" lets them in again, exactly as it was.'),
  ];
}

/** Where nothing of it is said, an operator would have to go back to learn of it. */
function running(state: State): Block[] {
  const step = currentStep(state);
  if (isQuickBusy(state)) return [text('The quick rollback goes on while you are here.', 'warn'), gap];
  if (state.screen !== 'step' || !step) return [];
  const name = stepName(step.id);
  if (isBusy(step)) return [text(`${name} is running and goes on while you are here.`, 'warn'), gap];
  switch (step.status) {
    case 'done':
      return [text(`${name} has ended: it is done.`, 'good'), gap];
    case 'failed':
      return [text(`${name} has ended: it failed, and nothing of it is left.`, 'bad'), gap];
    case 'unknown':
      return [text(`${name} has ended: what became of it is not known. Go back and look.`, 'bad'), gap];
    default:
      return [];
  }
}

function contacts({ config, runbook }: State): Block[] {
  if (config.contacts.length === 0) {
    return runbook.escalation
      ? []
      : [
          text('This runbook has no escalation section: it names nobody to call.', 'warn'),
          text(
            'Call whoever answers for this database. Nothing runs while you do that unless you confirm it.',
          ),
          gap,
        ];
  }
  return [
    heading('Call'),
    ...config.contacts.map(({ name, role, how }) => item('none', `${how}   ${name}`, { detail: role ?? '' })),
    gap,
  ];
}

function runbookWords({ runbook }: State): Block[] {
  if (!runbook.escalation) return [];
  const { title, text: words, blocks: code } = runbook.escalation;
  return [
    heading(title),
    ...prose(words),
    ...codeBlocks(code),
    text('Nothing of this is run by itself: each command is shown whole and confirmed by typing.', 'quiet'),
  ];
}

function preparedBlocks(state: State): Block[] {
  const { words, statements, sessions, tables, confirm } = state.escalation.prepared!;
  return [
    ...words.flatMap((line) => prose(line)),
    ...(tables ? [gap, table(tables.columns, tables.rows)] : []),
    ...(sessions.length > 0
      ? [
          gap,
          heading('Connected'),
          ...sessions.map(({ what, left }) =>
            left === null
              ? item('warn', what, { detail: confirm === null ? '' : 'is ended' })
              : item('none', what, { detail: `left: ${left}` }),
          ),
        ]
      : []),
    ...(statements.length > 0 ? [gap, sql(statements.map(ended).join('\n'))] : []),
  ];
}

/** SQL ends in a semicolon where it is copied from a screen. */
const ended = (statement: string): string =>
  /^(?:SELECT|REVOKE|GRANT|ALTER|COMMENT|BEGIN|COMMIT|SET|RESET|CREATE|ANALYZE)\b/.test(statement)
    ? `${statement};`
    : statement;

function doneBlocks({ ok, lines, tables }: NonNullable<State['escalation']['done']>): Block[] {
  return [
    ...lines.map((line, at) => (at === 0 ? text(line, ok ? 'good' : 'bad') : text(line))),
    ...(tables && tables.rows.length > 0 ? [gap, table(tables.columns, tables.rows)] : []),
  ];
}

function question(state: State): Question {
  const asked = askedOf(state);
  const { subject } = asked;
  return { ...bare(state, asked), ...(subject === undefined ? {} : { subject }) };
}

function bare(state: State, { id, name }: Pick<Asked, 'id' | 'name'>): Question {
  const { prepared, since, answers, done } = state.escalation;
  switch (name) {
    case 'escalation-menu':
      return {
        kind: 'choice',
        id,
        prompt: 'What is to be done?',
        options: options(state),
        default: 'back',
        unattended: 'back',
      };
    case 'escalation-path':
      return ask(
        id,
        'Path of the backup (pg_dump -Fc, -Fd or -Ft); nothing typed goes back.',
        state.config.backup.folder ?? '/backups/orders.dump',
      );
    case 'escalation-question': {
      const open = prepared?.questions[0];
      return ask(id, `${open?.why ?? ''} What stands for ${open?.text ?? ''}? Nothing typed goes back.`, '');
    }
    case 'escalation-confirm':
      return {
        kind: 'typed',
        id,
        prompt: safe(`To do this, type ${prepared?.confirm ?? ''}. Enter alone does nothing; Esc goes back.`),
        expected: prepared?.confirm ?? '',
        unattended: '',
      };
    case 'escalation-preparing':
      return wait(id, answers['path'] === undefined ? 'Looking…' : 'Reading the backup…');
    case 'escalation-working':
      return wait(id, `${prepared?.title ?? 'Working'}…`, since);
    default:
      return {
        kind: 'continue',
        id,
        prompt:
          done?.exchanged === true
            ? 'Enter ends this run and shows its report.'
            : 'Enter goes back to what can be done.',
        unattended: 'next',
      };
  }
}

const ask = (id: string, prompt: string, placeholder: string): Question => ({
  kind: 'text',
  id,
  prompt: safe(prompt),
  required: false,
  placeholder: safe(placeholder),
  secret: false,
  unattended: '',
});

const LABELS: Record<Exclude<EscalationAct, `command-${number}`>, string> = {
  'stop-writes': 'Stop all writes: nobody may connect, sessions are ended',
  'allow-writes': 'Let writes in again, exactly as it was',
  restore: 'Restore a backup beside this database',
  swap: 'Put the restored database in place of this one',
  'swap-back': 'Put the damaged database back',
  status: 'Check where the database stands',
  'hand-over': 'Write the hand-over for the next person',
};

function options(state: State): Option[] {
  const { commands, facts } = state.escalation;
  const label = (act: EscalationAct): string => {
    const command = commands.find((one) => one.act === act);
    if (command) return command.command;
    if (act === 'stop-writes' && facts?.stopped) return 'End the sessions that are there all the same';
    return LABELS[act as keyof typeof LABELS];
  };
  return [
    { value: 'back', key: 'g', label: 'Go back to where you were' },
    ...offeredActs(state).map(({ act, key, why }): Option => ({
      value: act,
      key,
      label: safe(label(act)),
      ...(why === null ? {} : { disabled: safe(why) }),
    })),
  ];
}
