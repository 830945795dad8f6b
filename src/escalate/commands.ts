/** The commands that the configuration and the runbook name for an emergency. Pure. */
import type { ShownConfig } from '../config/types.ts';
import type { Section } from '../runbook/types.ts';
import { programOf, simpleCommands } from '../shell/words.ts';
import type { EscalationCommand } from '../wizard/types.ts';

type Found = Omit<EscalationCommand, 'act'>;

/**
 * Those of the configuration first: they are the team's own. Of the runbook, each line of its blocks of shell; SQL is
 * not among them. A command that only restores is among them, to be shown with what is done instead.
 */
export function escalationCommands(
  escalation: Section | null,
  config: Pick<ShownConfig, 'commands'>,
): EscalationCommand[] {
  const { stop, start } = config.commands;
  const own: Found[] = [
    ...(stop === undefined
      ? []
      : [{ command: stop, from: 'config' as const, words: 'Stops the application.', what: 'stop' as const }]),
    ...(start === undefined
      ? []
      : [
          {
            command: start,
            from: 'config' as const,
            words: 'Starts the application again.',
            what: 'other' as const,
          },
        ]),
  ];
  const blocks = (escalation?.blocks ?? []).filter(({ language }) =>
    ['bash', 'sh', 'shell', 'zsh'].includes(language),
  );
  const written = blocks.flatMap(({ text, lead }) => inBlock(text, lead));
  // The team's own way to stop stands for the runbook's.
  const kept = written.filter(({ what }) => !(what === 'stop' && stop !== undefined));
  return [...own, ...kept].map((command, at) => ({ ...command, act: `command-${at + 1}` as const }));
}

/** A command a line; a line that ends in a backslash goes on. A comment above says what it is for. */
function inBlock(text: string, lead: string): Found[] {
  const found: Found[] = [];
  let comment = '';
  for (const line of text.replaceAll(/\\\n\s*/g, ' ').split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    if (trimmed.startsWith('#')) {
      comment = trimmed.replace(/^#+\s*/, '');
      continue;
    }
    found.push({ command: trimmed, from: 'runbook', words: comment || lead, what: kindOf(trimmed) });
    comment = '';
  }
  return found;
}

function kindOf(command: string): EscalationCommand['what'] {
  const simple = simpleCommands(command).map((one) => {
    const { name, rest } = programOf(one);
    return { name, words: rest.map(({ text }) => text).join(' ') };
  });
  const any = (test: (one: { name: string; words: string }) => boolean): boolean => simple.some(test);
  if (any(({ name }) => /^(?:dropdb|createdb|pg_restore|psql)$/.test(name))) return 'restore';
  if (
    any(
      ({ name, words }) =>
        /^(?:mix|rails|rake|flyway|alembic|npx)$/.test(name) && /migrat|upgrade/.test(words),
    )
  ) {
    return 'migrate';
  }
  return any(({ name, words }) => /\bstop\b|stop-|-stop|\bdown\b|scale/.test(`${name} ${words}`))
    ? 'stop'
    : 'other';
}
