/** A command of the runbook or the configuration: whether it may be run, what has to be asked first, and running it. */
import { access } from 'node:fs/promises';
import { EXIT, UserError } from '../exit.ts';
import { commandConsent, whyNever } from '../shell/consent.ts';
import { filled, type Placeholder } from '../shell/placeholders.ts';
import { startCommand } from '../shell/run.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { EscalationCommand } from '../wizard/types.ts';
import type { ActPlan, ActsOptions } from './acts-types.ts';
import { databaseOf } from './place.ts';

const FOLDER: Placeholder = {
  id: 'folder',
  kind: 'path',
  text: 'the folder',
  why: 'The command is run in the folder of the application, and nobody said which that is (project.folder in backout.toml).',
  from: 0,
  to: 0,
};

export async function planCommand(
  options: ActsOptions,
  { act, command, from, words, what }: EscalationCommand,
  answers: Readonly<Record<string, string>>,
  started: (child: { cancel(): void }) => void,
): Promise<ActPlan> {
  const place = options.place();
  const title = what === 'stop' ? 'Stop the application' : what === 'migrate' ? 'Migrate again' : 'A command';
  const context = { from, allowed: options.allowed, database: databaseOf(place), env: place.env };
  const never = whyNever(command);
  const text = (why: string): ActPlan => ({
    title,
    words: [words, why, 'The command, to copy:'].filter((line) => line !== ''),
    statements: [toLine(command, 2000)],
    confirm: null,
  });
  if (never !== null) return text(never);
  const consent = commandConsent({ command, ...context });
  if (consent.kind === 'never' || consent.kind === 'text') return text(consent.why);
  const folder = options.projectFolder ?? answers['folder'] ?? null;
  const open = consent.kind === 'ask' ? consent.placeholders : [];
  const questions = [...(folder === null && from === 'runbook' ? [FOLDER] : []), ...open];
  const missing = questions.filter(({ id }) => (answers[id] ?? '').trim() === '');
  if (missing.length > 0)
    return { title, words: [words], statements: [toLine(command, 2000)], questions: missing, confirm: null };
  const whole = filled(command, open, answers);
  const again = commandConsent({ command: whole, ...context, database: null });
  const refused = whyNever(whole);
  if (refused !== null) return text(refused);
  if (folder !== null) await readable(folder);
  const word = again.kind === 'confirm' ? again.word : (whole.split(/\s+/)[0] ?? whole);
  return {
    title,
    words: [
      words,
      `Run in ${toLine(folder ?? process.cwd(), 300)} by /bin/sh, without a password of backout's. It is not known beforehand what it does.`,
    ].filter((line) => line !== ''),
    statements: [toLine(whole, 2000)],
    confirm: word,
    async carryOut(onLine) {
      const child = startCommand(
        { command: whole, ...(folder === null ? {} : { cwd: folder }) },
        onLine,
        () => place.now().getTime(),
      );
      started(child);
      const { exitStatus, signal, seconds } = await child.result;
      const how = signal === null ? `exit status ${exitStatus ?? 'not known'}` : `ended by ${signal}`;
      return {
        act,
        ok: exitStatus === 0,
        summary: `${toLine(whole, 200)}: ${how} after ${seconds.toFixed(1)} s.`,
        lines: [`${how}, after ${seconds.toFixed(1)} s.`],
        tables: null,
        exchanged: false,
      };
    },
  };
}

async function readable(folder: string): Promise<void> {
  try {
    await access(folder);
  } catch (error) {
    throw new UserError(
      `There is no folder ${toLine(folder, 300)}.`,
      'Nothing was run. Name the folder that holds the application’s source.',
      EXIT.usage,
      { cause: error },
    );
  }
}
