/** What a statement does to an object beside tables, in words for the operator. */
import { objectName } from './keys.ts';
import type { ObjectEffect } from './types.ts';

const ENABLED: Readonly<Record<string, string>> = {
  O: 'switches on',
  D: 'switches off',
  A: 'switches on for every session',
  R: 'switches on for replicas',
};

/** `SELECT, INSERT to bob`. */
function rights(sets: Readonly<Record<string, string>>): string {
  const given = Object.keys(sets).flatMap((key) => /^grant:(.*) to (.*)$/s.exec(key)?.slice(1) ?? []);
  const what = new Set(given.filter((_one, at) => at % 2 === 0));
  const whom = new Set(given.filter((_one, at) => at % 2 === 1));
  return `${[...what].join(', ')}|${[...whom].join(', ')}`;
}

function setWords(effect: ObjectEffect, name: string): string {
  const { sets } = effect;
  const enabled = sets['enabled'];
  if (enabled !== undefined) return `${ENABLED[enabled] ?? 'changes'} ${name}`;
  const labels = Object.entries(sets).filter(([key]) => key.startsWith('label:'));
  const label = (value: string): string =>
    labels.find(([, is]) => is === value)?.[0].slice('label:'.length) ?? '';
  if (labels.length === 1) return `adds the value ${label('yes')} to ${name}, for good`;
  if (labels.length === 2) return `renames the value ${label('no')} of ${name} to ${label('yes')}`;
  const security = sets['row security'] ?? sets['forced row security'];
  if (security !== undefined) {
    const what = sets['row security'] === undefined ? 'row security for the owner' : 'row security';
    return `switches ${what} of ${name} ${security}`;
  }
  return effect.type === 'sequence' && !effect.again ? `sets where ${name} goes on` : `changes ${name}`;
}

export function objectWords(effect: ObjectEffect): string {
  const name = objectName(effect);
  switch (effect.verb) {
    case 'create':
      return `creates ${name}`;
    case 'replace':
      return `creates ${name}, or replaces it`;
    case 'drop':
      return `drops ${name}${effect.cascade ? ' and what depends on it' : ''}`;
    case 'rename':
      return `renames ${name} to ${effect.to ?? ''}`;
    case 'refresh':
      return `computes ${name} anew`;
    case 'comment':
      return `sets the comment on ${name}`;
    case 'owner':
      return `makes ${effect.sets['owner'] || 'another role'} the owner of ${name}`;
    case 'grant':
    case 'revoke': {
      const [what = '', whom = ''] = rights(effect.sets).split('|');
      return effect.verb === 'grant'
        ? `gives ${whom} the right to ${what} on ${name}`
        : `takes the right to ${what} on ${name} from ${whom}`;
    }
    default:
      return setWords(effect, name);
  }
}
