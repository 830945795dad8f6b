/** Commands of psql that show something, as they stand in a text: with what `\x` says at their place. Pure. */
import type { CodeBlock } from '../../runbook/types.ts';
import { splitMetaCommands, type MetaCommand } from '../parse-meta.ts';
import type { Draft } from '../archive/draft.ts';
import type { PlanStep, Statement, StepLook } from '../types.ts';
import { psqlCommand, type PsqlCommand, type PsqlQuestion } from './command.ts';
import { queryOf } from './queries.ts';

const ANSWERED: readonly PsqlCommand['kind'][] = [
  'relations',
  'describe',
  'databases',
  'schemas',
  'functions',
  'echo',
];

/** The question that a command asks; null where it asks none. */
export function questionIn(text: string): PsqlQuestion | null {
  const command = psqlCommand(text);
  return ANSWERED.includes(command.kind) ? (command as PsqlQuestion) : null;
}

export interface Answered extends MetaCommand {
  expanded: boolean;
}

/** Those that are answered. `\x` holds until it is switched again; `before` is what held above. */
export function answeredIn(
  commands: readonly MetaCommand[],
  before = false,
): { answered: Answered[]; expanded: boolean } {
  let expanded = before;
  const answered = commands.flatMap((command): Answered[] => {
    const read = psqlCommand(command.text);
    if (read.kind === 'expanded') expanded = read.on ?? !expanded;
    return questionIn(command.text) ? [{ ...command, expanded }] : [];
  });
  return { answered, expanded };
}

/**
 * The step, or the parts that it was taken apart into, with its looks: each behind the statement that it follows. A part
 * that is no transaction is one statement, and holds none.
 */
export function looksAmong(blocks: readonly CodeBlock[], parts: readonly PlanStep[]): PlanStep[] {
  let on = false;
  const looks = blocks.flatMap((block) => {
    const { answered, expanded } = answeredIn(splitMetaCommands(block.text).meta, on);
    on = expanded;
    return answered.map((one) => ({ ...one, line: block.line + one.line - 1 }));
  });
  const above = (statement: Statement, { line, behind }: Answered): boolean =>
    statement.line < line || (behind === true && statement.line === line);
  const whole = parts.filter(({ lone }) => lone === undefined);
  const partOf = (look: Answered): PlanStep | undefined =>
    whole.findLast(({ statements }) => statements.some((one) => above(one, look))) ?? whole[0];
  return parts.map((part) => {
    const mine = looks.filter((look) => partOf(look) === part);
    if (mine.length === 0) return part;
    return {
      ...part,
      looks: mine.map((look): StepLook => {
        const before = part.statements.findLast((one) => above(one, look));
        return { text: look.text, line: look.line, after: before?.index ?? 0, expanded: look.expanded };
      }),
    };
  });
}

function lookDraft({ text, line, expanded }: StepLook, question: PsqlQuestion): Draft {
  const { sql, params } = queryOf(question);
  return {
    role: 'look',
    carries: [],
    sql,
    ...(params.length === 0 ? {} : { params }),
    command: 'SELECT',
    words: `${text} (line ${line}): shows what psql would show; changes nothing.`,
    line,
    look: { text, expanded },
  };
}

/** The step's looks among its actions: each behind everything that carries out a statement above it. */
export function withLooks(drafts: readonly Draft[], looks: readonly StepLook[] = []): Draft[] {
  const all = [...drafts];
  // From the last to the first, so that two at one place keep their order.
  for (const look of looks.toReversed()) {
    const question = questionIn(look.text);
    const last = drafts.findLastIndex(({ carries }) => carries.some((index) => index <= look.after));
    if (question) all.splice(last + 1, 0, lookDraft(look, question));
  }
  return all;
}
