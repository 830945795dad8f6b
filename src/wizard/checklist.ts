/** What an item of the checklist offers, told from its helps. Pure. */
import type { CommandHelp, Help } from '../checklist/types.ts';
import type { ChecklistState } from './types.ts';

type Of<K extends Help['kind']> = Extract<Help, { kind: K }>;

const ofKind = <K extends Help['kind']>({ help }: ChecklistState, kind: K): Of<K> | undefined =>
  help.find((one): one is Of<K> => one.kind === kind);

export const commandOf = (item: ChecklistState): CommandHelp | undefined => ofKind(item, 'command');
export const logOf = (item: ChecklistState): Of<'log'> | undefined => ofKind(item, 'log');
export const probesOf = (item: ChecklistState): Of<'probe'>['probes'] => ofKind(item, 'probe')?.probes ?? [];

/** The answers that an item takes, the harmless ones first. */
export function itemAnswers(item: ChecklistState): string[] {
  const command = commandOf(item);
  const log = logOf(item);
  return [
    'done',
    'open',
    'note',
    ...(probesOf(item).length > 0 ? ['probe'] : []),
    ...(command && (command.word !== null || command.asks === true) ? ['run'] : []),
    ...(command && command.role !== 'other' && command.untypable === null ? ['command'] : []),
    ...(log && log.files.length > 0 ? ['scan'] : []),
    ...(log ? ['file'] : []),
  ];
}

/** Its probes were asked; where nobody answers that is done by itself, once. */
export const isProbed = (item: ChecklistState): boolean =>
  probesOf(item).length === 0 || item.checks.some(({ kind }) => kind === 'probe');
