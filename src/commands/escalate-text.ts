/** `backout escalate` in words: the same blocks the screen is made of. */
import { gap, heading, item, prose, sql, table, text } from '../steps/blocks.ts';
import type { Block, EscalationCommand, EscalationDone, EscalationFacts, Prepared } from '../wizard/types.ts';
import type { Config } from '../config/types.ts';
import type { Runbook } from '../runbook/types.ts';

export interface Overview {
  database: string;
  config: Pick<Config, 'contacts'>;
  runbook: Pick<Runbook, 'escalation'>;
  commands: readonly EscalationCommand[];
  facts: EscalationFacts | null;
  blind: string | null;
}

export function overviewBlocks({ database, config, runbook, commands, facts, blind }: Overview): Block[] {
  return [
    heading('Call'),
    ...(config.contacts.length === 0
      ? [text('Nobody is named in backout.toml. What the runbook says stands below.')]
      : config.contacts.map(({ name, role, how }) =>
          item('none', `${how}   ${name}`, { detail: role ?? '' }),
        )),
    gap,
    heading(`What can be done about database ${database}`),
    ...(blind === null ? [] : [text(`The server could not be asked: ${blind}`, 'bad')]),
    ...(facts?.stopped
      ? [item('warn', `All writes are stopped, since ${facts.stopped.at}, by ${facts.stopped.by}.`)]
      : []),
    ...(facts?.beside ?? []).map((line) => item('none', line)),
    ...acts(facts),
    gap,
    ...commandBlocks(commands),
    ...(runbook.escalation ? [heading(runbook.escalation.title), ...prose(runbook.escalation.text)] : []),
    text('Nothing was done. On a terminal, "backout escalate" asks.'),
  ];
}

function acts(facts: EscalationFacts | null): Block[] {
  const line = (flags: string, words: string, why: string | null = null): Block =>
    item(why === null ? 'none' : 'skipped', `${flags.padEnd(32)} ${words}`, { detail: why ?? '' });
  return [
    facts?.stopped
      ? line('--allow-writes --confirm NAME', 'let writes in again, exactly as it was')
      : line('--stop-writes --confirm NAME', 'stop all writes', facts?.whyNotStop),
    line('--restore PATH --confirm NAME', 'restore a backup beside this database'),
    line(
      '--swap --confirm NAME',
      'put the restored one in place; the damaged one is kept',
      facts?.whyNotSwap,
    ),
    line('--swap-back --confirm NAME', 'put the damaged one back', facts?.whyNotBack),
    line('--status', 'where the database stands'),
    line('--hand-over [DIR]', 'write the hand-over for the next person'),
  ];
}

function commandBlocks(commands: readonly EscalationCommand[]): Block[] {
  const run = commands.filter(({ what }) => what !== 'restore');
  if (run.length === 0) return [];
  return [
    heading('Commands (--command N --confirm PROGRAM)'),
    ...run.map(({ act, command, words, from }) =>
      item('none', `${act.replace('command-', '')}  ${command}`, {
        detail: `${words} Of the ${from === 'config' ? 'configuration' : 'runbook'}.`.trim(),
      }),
    ),
    gap,
  ];
}

export function preparedBlocks({ title, words, statements, sessions, tables }: Prepared): Block[] {
  return [
    heading(title),
    ...words.flatMap((line) => prose(line)),
    ...(tables ? [table(tables.columns, tables.rows)] : []),
    ...sessions.map(({ what, left }) =>
      left === null ? item('warn', what) : item('none', what, { detail: `left: ${left}` }),
    ),
    ...(statements.length === 0 ? [] : [sql(statements.join('\n'))]),
  ];
}

export function doneBlocks({ ok, lines, tables }: EscalationDone): Block[] {
  return [
    gap,
    ...lines.map((line, at) => (at === 0 ? text(line, ok ? 'good' : 'bad') : text(line))),
    ...(tables && tables.rows.length > 0 ? [table(tables.columns, tables.rows)] : []),
  ];
}
