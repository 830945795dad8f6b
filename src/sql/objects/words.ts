/** What a statement does to an object beside tables, in words for the operator. */
import { everyWords } from './every.ts';
import { objectName } from './keys.ts';
import type { ObjectEffect } from './types.ts';

const ENABLED: Readonly<Record<string, string>> = {
  O: 'switches on',
  D: 'switches off',
  A: 'switches on for every session',
  R: 'switches on for replicas',
};

/** From whom the option to give rights goes. */
function optionOf(sets: Readonly<Record<string, string>>): string {
  const whom = Object.keys(sets).flatMap((key) => /^grant option:.* to (.*)$/s.exec(key)?.[1] ?? []);
  return [...new Set(whom)].join(', ');
}

/** `SELECT, INSERT to bob`. */
function rights(sets: Readonly<Record<string, string>>): string {
  const given = Object.keys(sets).flatMap((key) => /^grant:(.*) to (.*)$/s.exec(key)?.slice(1) ?? []);
  const what = new Set(given.filter((_one, at) => at % 2 === 0));
  const whom = new Set(given.filter((_one, at) => at % 2 === 1));
  return `${[...what].join(', ')}|${[...whom].join(', ')}`;
}

/** What is said of one part: `[what, part]` of a name such as `check:positive`. */
const partOf = (name: string): [string, string] => {
  const [, what = '', part = ''] = /^(.*?)(?::| of )(.*)$/s.exec(name) ?? [];
  return [what, part];
};

/** Of domains, composite types, views, indexes, text search and statistics; null for everything else. */
function partWords({ sets, needs = {} }: ObjectEffect, name: string): string | null {
  const names = Object.keys(sets);
  const [first] = names;
  if (first === undefined) return null;
  const [what, part] = partOf(first);
  const value = sets[first] ?? '';
  const other = names.map((one) => partOf(one)[1]).find((one) => one !== part);
  switch (what) {
    case 'check':
      if (other !== undefined) return `gives the check ${part} of ${name} the name ${other}`;
      return value === 'yes' ? `adds the check ${part} to ${name}` : `drops the check ${part} of ${name}`;
    case 'validated':
      return `checks every value of ${name} against ${part}`;
    case 'has attribute':
      return `gives the attribute ${part} of ${name} the name ${other ?? ''}`;
    case 'column':
      return `gives the column ${part} of ${name} the name ${other ?? ''}`;
    case 'attribute':
      if (value === '') return `drops the attribute ${part} of ${name}`;
      return first in needs
        ? `adds the attribute ${part} to ${name}`
        : `makes the attribute ${part} of ${name} ${value}`;
    case 'mapping': {
      const tokens = names.map((one) => partOf(one)[1]).join(', ');
      return value === '' ? `${name} leaves ${tokens} out` : `${name} takes ${tokens} through ${value}`;
    }
    case 'uses':
      return `takes the dictionary ${part} out of ${name}`;
    case 'option':
      return `sets ${part} of ${name} to ${value || 'its default'}`;
    case 'default':
      return part === '' ? null : `removes the default of ${part} of ${name}`;
    case 'comment':
      return `sets the comment on column ${part} of ${name}`;
    default:
      break;
  }
  if (first === 'default') return `removes the default of ${name}`;
  if (first === 'not null') return value === 'yes' ? `refuses NULL in ${name}` : `lets ${name} be NULL`;
  return first === 'target' ? `sets how much ${name} keep to ${value}` : null;
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
  const part = partWords(effect, name);
  if (part !== null) return part;
  const security = sets['row security'] ?? sets['forced row security'];
  if (security !== undefined) {
    const what = sets['row security'] === undefined ? 'row security for the owner' : 'row security';
    return `switches ${what} of ${name} ${security}`;
  }
  return effect.type === 'sequence' && !effect.again ? `sets where ${name} goes on` : `changes ${name}`;
}

export function objectWords(effect: ObjectEffect): string {
  const name = effect.every ? everyWords(effect.every) : objectName(effect);
  switch (effect.verb) {
    case 'create':
      return `creates ${name}`;
    case 'replace':
      return `creates ${name}, or replaces it`;
    case 'drop':
      return `drops ${name}${effect.cascade ? ' and what depends on it' : ''}`;
    case 'rename':
      return effect.toSchema === undefined
        ? `renames ${name} to ${effect.to ?? ''}`
        : `moves ${name} into schema ${effect.toSchema}`;
    case 'refresh':
      return `computes ${name} anew`;
    case 'comment':
      return partWords(effect, name) ?? `sets the comment on ${name}`;
    case 'owner':
      return `makes ${effect.sets['owner'] || 'another role'} the owner of ${name}`;
    case 'grant':
    case 'revoke': {
      const [what = '', whom = ''] = rights(effect.sets).split('|');
      if (effect.type === 'default privileges')
        return effect.verb === 'grant'
          ? `adds to the ${name}: ${what} to ${whom}`
          : `takes from the ${name}: ${what} to ${whom}`;
      if (what === '')
        return `takes the option to give rights on ${name} to others from ${optionOf(effect.sets)}`;
      return effect.verb === 'grant'
        ? `gives ${whom} the right to ${what} on ${name}`
        : `takes the right to ${what} on ${name} from ${whom}`;
    }
    default:
      return setWords(effect, name);
  }
}
