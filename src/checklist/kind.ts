/** What helps with an item, told from its own words, its command and its probes. Pure; nothing is run because of it. */
import type { Config } from '../config/types.ts';
import type { ChecklistItem } from '../runbook/types.ts';
import type { CommandHelp, Help } from './types.ts';

/** What the rule for commands (src/shell/consent.ts) makes of one. */
export type ConsentOf = (
  command: string,
  from: 'runbook' | 'config',
) => { word: string } | { why: string; asks?: true };

export interface HelpContext {
  config: Pick<Config, 'commands' | 'project' | 'logs'>;
  consentOf: ConsentOf;
  /** Why the operator may not run a command of their own; null where they may. */
  untypable: string | null;
}

const STARTS =
  /\b(application|app|service|server|system|site|api)\b.*\b(starts?|boots?|comes? (back )?up|is up|is running|runs)\b|\b(start|restart|boot|bring up)\b.*\b(application|app|service|server|system|site|api)\b/i;
const TESTS = /\b(tests?|test suite|specs?|ci)\b/i;
const LOGS = /\blogs?\b|\blog files?\b/i;
const DOCUMENTATION = /\b(documentation|docs?|document|changelog|readme|wiki)\b/i;
const PLAN = /\b(plan|ticket|follow[- ]?up|post-?mortem|retrospective|schedule)\b/i;

function roleOf(text: string): CommandHelp['role'] {
  if (TESTS.test(text)) return 'test';
  return STARTS.test(text) ? 'start' : 'other';
}

/** The team's own command for it counts before the runbook's. */
function commandHelp({ text, command }: ChecklistItem, context: HelpContext): CommandHelp[] {
  const role = roleOf(text);
  const { commands, project } = context.config;
  const own = role === 'other' ? undefined : commands[role];
  const known = own ?? command ?? null;
  if (known === null && role === 'other') return [];
  // A test or a start that is only spoken of within another matter is no command: "Verify … (tests, templates)".
  const from = own !== undefined ? 'config' : known === null ? null : 'runbook';
  const consent = known === null || from === null ? null : context.consentOf(known, from);
  return [
    {
      kind: 'command',
      role,
      command: known,
      from,
      word: consent && 'word' in consent ? consent.word : null,
      why: consent && 'why' in consent ? consent.why : null,
      ...(consent && 'asks' in consent ? { asks: true } : {}),
      untypable: context.untypable,
      folder: project.folder ?? null,
      seconds: commands.start_seconds,
    },
  ];
}

/** In the order in which they are offered; empty where only a person can tell. */
export function helpFor(item: ChecklistItem, context: HelpContext): Help[] {
  const { text, probes = [] } = item;
  const logs = LOGS.test(text);
  const found: Help[] = [
    ...(probes.length > 0 ? [{ kind: 'probe' as const, probes }] : []),
    ...(logs && item.command === undefined ? [] : commandHelp(item, context)),
    ...(logs ? [{ kind: 'log' as const, files: context.config.logs.files }] : []),
  ];
  if (found.length > 0) return found;
  if (DOCUMENTATION.test(text)) return [{ kind: 'note', about: 'documentation' }];
  return PLAN.test(text) ? [{ kind: 'note', about: 'plan' }] : [];
}
