/** Text search configurations and dictionaries: which dictionaries a kind of token goes through, and their options. */
import type { AlterTSConfigurationStmt, AlterTSDictionaryStmt, Node } from '@pgsql/types';
import { quoteName, type Worded } from '../definition-sql.ts';
import { nameParts, textsOf } from '../parse-tree.ts';
import { effect, placed } from './names.ts';
import type { ObjectEffect, ObjectState } from './types.ts';

type Outcome = ObjectEffect[] | string;

/** By their names without schemas: which one is meant depends on the search_path. */
const dictionaries = (nodes: readonly Node[] | undefined): string =>
  (nodes ?? []).map((node) => nameParts(node).at(-1) ?? '').join(', ');

const mappings = (tokens: readonly string[], value: string): Record<string, string> =>
  Object.fromEntries(tokens.map((token) => [`mapping:${token}`, value]));

export function alterConfiguration(alter: AlterTSConfigurationStmt): Outcome {
  const ref = placed('text search configuration', textsOf(alter.cfgname));
  const tokens = textsOf(alter.tokentype);
  const set = dictionaries(alter.dicts);
  switch (alter.kind) {
    case 'ALTER_TSCONFIG_ADD_MAPPING':
      return [effect(ref, 'alter', { sets: mappings(tokens, set), needs: mappings(tokens, '') })];
    case 'ALTER_TSCONFIG_ALTER_MAPPING_FOR_TOKEN':
      return [effect(ref, 'alter', { sets: mappings(tokens, set), again: true })];
    case 'ALTER_TSCONFIG_DROP_MAPPING':
      return [effect(ref, 'alter', { sets: mappings(tokens, ''), again: alter.missing_ok === true })];
    case 'ALTER_TSCONFIG_REPLACE_DICT': {
      const [from, to] = (alter.dicts ?? []).map((node) => nameParts(node).at(-1) ?? '');
      if (from === undefined || to === undefined || from === to) return 'the dictionaries are not readable';
      return [effect(ref, 'alter', { sets: { [`uses:${from}`]: 'no' }, again: true })];
    }
    default:
      return 'replacing a dictionary for some kinds of token is not covered';
  }
}

/** Options are kept as one text, in which what a statement sets is not told apart. */
export function alterDictionary({ dictname }: AlterTSDictionaryStmt): Outcome {
  return [effect(placed('text search dictionary', textsOf(dictname)), 'alter', { again: true })];
}

export interface Mapping {
  token: string;
  /** Dictionaries in their order, with their schemas and quoted. */
  with: readonly string[];
}

const mappingsOf = ({ attributes }: ObjectState): Mapping[] =>
  JSON.parse(attributes['mappings'] ?? '[]') as Mapping[];

/** What makes one state of a configuration the other. */
export function mappingsSql(before: ObjectState, now: ObjectState): Worded[] {
  const was = mappingsOf(before);
  const is = mappingsOf(now);
  const same = (one: Mapping, other: Mapping): boolean => JSON.stringify(one) === JSON.stringify(other);
  const words = (token: string): string => `Takes ${token} in ${before.name} through what it was.`;
  return [
    ...is
      .filter((one) => !was.some((other) => same(one, other)))
      .map(({ token }) => ({
        sql: `ALTER ${now.target} DROP MAPPING FOR ${quoteName(token)}`,
        words: words(token),
      })),
    ...was
      .filter((one) => !is.some((other) => same(one, other)))
      .map(({ token, with: through }) => ({
        sql: `ALTER ${now.target} ADD MAPPING FOR ${quoteName(token)} WITH ${through.join(', ')}`,
        words: words(token),
      })),
  ];
}

/** Names of options in pg_ts_dict.dictinitoption, as serialize_deflist writes it: `language = 'english', "Odd" = 'x'`. */
function optionNames(text: string): string[] {
  const bare = text.replace(/E?'(?:[^']|'')*'/g, '');
  return bare.split(',').flatMap((part) => /^\s*(.*?)\s*=/.exec(part)?.[1] ?? []);
}

/** An option without a value is taken away (manual, sql-altertsdictionary). */
export function dictionarySql(before: ObjectState, now: ObjectState): Worded[] {
  const was = before.attributes['options'] ?? '';
  const is = now.attributes['options'] ?? '';
  if (was === is) return [];
  const kept = optionNames(was);
  const gone = optionNames(is).filter((name) => !kept.includes(name));
  const all = [...gone, ...(was === '' ? [] : [was])].join(', ');
  return [{ sql: `ALTER ${now.target} (${all})`, words: `Gives ${before.name} the options it had.` }];
}
