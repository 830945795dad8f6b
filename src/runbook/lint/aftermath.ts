/** What an operator is told to do when it goes wrong, and what that leaves behind. */
import { parseStatements, splitMetaCommands, SqlSyntaxError } from '../../sql/parse.ts';
import type { Effect, Plan } from '../../sql/types.ts';
import type { CodeBlock, Runbook } from '../types.ts';
import type { Finding } from './types.ts';

const isSql = ({ language }: CodeBlock): boolean =>
  ['sql', 'postgresql', 'pgsql', 'psql', 'postgres'].includes(language);
const isShell = ({ language }: CodeBlock): boolean =>
  ['bash', 'sh', 'shell', 'console', 'zsh'].includes(language);

interface Placed {
  effect: Effect;
  line: number;
}

/** The effects of blocks that no step holds; one that does not parse says nothing here. */
function effectsIn(blocks: readonly CodeBlock[]): Placed[] {
  return blocks.filter(isSql).flatMap(({ text, line }) => {
    try {
      return parseStatements(splitMetaCommands(text).sql, line).flatMap((statement) =>
        statement.effects.map((effect) => ({ effect, line: statement.line })),
      );
    } catch (error) {
      if (error instanceof SqlSyntaxError) return [];
      throw error;
    }
  });
}

/** A constraint that troubleshooting drops and nothing adds again. */
function keysNotPutBack(runbook: Runbook, plan: Plan | null): Finding[] {
  const inSteps = (plan?.steps ?? []).flatMap(({ statements }) =>
    statements.flatMap(({ effects, line }) => effects.map((effect) => ({ effect, line }))),
  );
  const aside = effectsIn(runbook.troubleshooting.flatMap(({ blocks }) => blocks));
  const added = new Set(
    [...inSteps, ...aside].flatMap(({ effect }) => (effect.kind === 'add-constraint' ? [effect.name] : [])),
  );
  return aside.flatMap(({ effect, line }): Finding[] => {
    if (effect.kind !== 'drop-constraint' || added.has(effect.name)) return [];
    const isTouched = inSteps.some(({ effect: one }) => 'table' in one && one.table === effect.table);
    const table = isTouched ? '' : ` No step says what becomes of ${effect.table} either.`;
    const message = `${effect.name} is dropped from ${effect.table}, and no statement of the runbook puts it back.${table}`;
    return [{ line, severity: 'warning', rule: 'constraint-not-put-back', message }];
  });
}

/** A backup that is restored before anybody looked into it, or restored so that errors are passed over. */
function restores(runbook: Runbook): Finding[] {
  const blocks = [
    ...(runbook.escalation?.blocks ?? []),
    ...runbook.troubleshooting.flatMap((one) => one.blocks),
  ];
  const looks = /\bpg_restore\b[^\n]*\s(-l\b|--list\b)|\bpg_verifybackup\b|\bbackout backup\b|\bsha256sum\b/;
  const told = [runbook.escalation, runbook.prerequisites].flatMap((section) =>
    section ? [section.text, ...section.blocks.map(({ text }) => text)] : [],
  );
  const everLooks = [...told, ...blocks.map(({ text }) => text)].some((text) => looks.test(text));
  return blocks.filter(isShell).flatMap(({ text, line }) =>
    text.split('\n').flatMap((command, at): Finding[] => {
      if (/^\s*#/.test(command) || !/\bpg_restore\b/.test(command) || looks.test(command)) return [];
      // Into a database that was made for it, beside the one in use: there it can be looked at.
      const isBeside = /\bcreatedb\b/.test(text) && !/\bdropdb\b/.test(text);
      const wrong = [
        ...(everLooks || isBeside
          ? []
          : [
              'nothing in the runbook looks into the backup first (pg_restore --list, backout backup --inspect)',
            ]),
        ...(/--exit-on-error\b|\s-e\b|--single-transaction\b|\s-1\b/.test(command)
          ? []
          : ['without --exit-on-error it goes on after an error']),
      ];
      if (wrong.length === 0) return [];
      const message = `${command.trim()}: ${wrong.join('; ')}.`;
      return [{ line: line + at, severity: 'warning', rule: 'restore-unchecked', message }];
    }),
  );
}

/** An address, a number, a channel, a link, or where such things are kept. */
const SOMEBODY =
  /@\w|\+?\d[\d ()./-]{6,}\d|https?:\/\/|(?:^|\s)#[a-z][\w-]+|\b(pager ?duty|opsgenie|slack|on-?call|phone|telephone|e-?mail|hotline|contacts in)\b/i;

function nobody({ escalation }: Runbook): Finding[] {
  if (!escalation || SOMEBODY.test(escalation.text)) return [];
  const message =
    'The escalation names nobody: no name with a number, address or channel. (Contacts can also stand in the configuration.)';
  return [{ line: escalation.line, severity: 'warning', rule: 'nobody-named', message }];
}

/** SQL in a block of the shell: pasted, every line of it is an error of the shell. */
function sqlInShell(runbook: Runbook): Finding[] {
  const sections = [
    runbook.quick,
    runbook.prerequisites,
    runbook.escalation,
    ...runbook.steps,
    ...runbook.troubleshooting,
  ];
  return sections.flatMap((section) =>
    (section?.blocks ?? []).filter(isShell).flatMap(({ text, line }) =>
      text.split('\n').flatMap((one, at): Finding[] => {
        if (!/^\s*(SELECT|UPDATE|DELETE FROM|INSERT INTO|ALTER TABLE|DROP TABLE|CREATE TABLE)\s/.test(one))
          return [];
        const isInside = /<<|psql\b[^\n]*(-c|--command)[^\n]*$/.test(
          text.split('\n').slice(0, at).join('\n'),
        );
        if (isInside) return [];
        const message = `${one.trim()}: this is SQL, in a block of shell commands: it belongs in an sql block of its own.`;
        return [{ line: line + at, severity: 'warning', rule: 'sql-in-shell', message }];
      }),
    ),
  );
}

/** @param plan null when its SQL does not parse */
export function aftermathFindings(runbook: Runbook, plan: Plan | null): Finding[] {
  return [...keysNotPutBack(runbook, plan), ...restores(runbook), ...nobody(runbook), ...sqlInShell(runbook)];
}
