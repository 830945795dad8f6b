/** What a statement does to a family, in words for the operator. */
import { list } from '../archive/draft.ts';
import type { Effect } from '../types.ts';
import { PARTITION_KEY } from './create.ts';
import { familyChange } from './effects.ts';
import { HALF_DETACHED, INHERITS } from './members.ts';

const STRATEGY: Readonly<Record<string, string>> = { r: 'ranges', l: 'lists', h: 'hashes' };

function keyWords(value: string): string {
  const [strategy = '', columns = ''] = value.split(':');
  return `${STRATEGY[strategy] ?? 'values'} of ${columns.replaceAll('?', 'an expression').replaceAll(',', ', ')}`;
}

/** Null for an effect that is no change of a family. */
export function familyWords(effect: Effect): string | null {
  if (effect.kind !== 'object') return null;
  const key = effect.type === 'table' ? effect.sets[PARTITION_KEY] : undefined;
  if (key !== undefined) return `partitions it by ${keyWords(key)}`;
  const found = familyChange(effect);
  if (found === null) return null;
  const { part, parent, value } = found;
  if (value === INHERITS) return `lets ${part} inherit from ${parent}`;
  if (value !== '') return `makes ${part} a partition of ${parent}, ${value}`;
  const [needs = ''] = Object.values(effect.needs ?? {});
  if (needs.endsWith(HALF_DETACHED)) return `ends the detaching of ${part} from ${parent}`;
  return needs === INHERITS
    ? `ends that ${part} inherits from ${parent}`
    : `takes partition ${part} out of ${parent}, with its rows`;
}

/** Behind the words of a statement: what it does to tables that it does not name. */
export function alongWords(effects: readonly Effect[]): string {
  const along = effects.filter((effect) => effect.along);
  const tables = (dropped: boolean): string[] => [
    ...new Set(
      along.flatMap((effect) =>
        'table' in effect && (effect.kind === 'drop-table') === dropped ? [effect.table] : [],
      ),
    ),
  ];
  const indexes = along.flatMap((effect) => (effect.kind === 'drop-index' ? [effect.name] : []));
  const [dropped, others] = [tables(true), tables(false)];
  return [
    ...(dropped.length > 0 ? [`, and with it ${list(dropped)}`] : []),
    ...(others.length > 0 ? [`, in ${list(others)} too`] : []),
    ...(indexes.length > 0 ? [`, and with it ${list(indexes)}`] : []),
  ].join('');
}
