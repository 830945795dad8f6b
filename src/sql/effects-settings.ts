/**
 * What ALTER TABLE says of a table that is neither its columns nor its rows: storage parameters, persistence, replica
 * identity, the index it is clustered on, a column's statistics, compression and identity, when a key is checked. Each is
 * a single fact under a name of its own, which src/postgres/objects/settings.ts reads.
 */
import type { AlterTableCmd, DefElem, Node, RangeVar } from '@pgsql/types';
import { effect, relationRef } from './objects/names.ts';
import type { ObjectEffect } from './objects/types.ts';
import type { LockLevel } from './types.ts';

type Outcome = ObjectEffect[] | string;
type Sets = Readonly<Record<string, string>>;

function valueOf({ arg }: DefElem): string | null {
  // Without a value it is true (manual, sql-createtable).
  if (!arg) return 'true';
  if ('Integer' in arg) return String(arg.Integer.ival ?? 0);
  if ('Float' in arg) return arg.Float.fval ?? null;
  if ('String' in arg) return arg.String.sval ?? '';
  const [word] = 'TypeName' in arg ? (arg.TypeName.names ?? []) : [];
  return word && 'String' in word ? (word.String.sval ?? null) : null;
}

const elements = (def: Node | undefined): DefElem[] =>
  (def && 'List' in def ? (def.List.items ?? []) : []).flatMap((node) =>
    'DefElem' in node ? [node.DefElem] : [],
  );

/** Storage parameters that are set or reset; the reason where they cannot be read. */
export function parameters(def: Node | undefined, resets: boolean): Sets | string {
  const sets: Record<string, string> = {};
  for (const element of elements(def)) {
    const name = element.defname ?? '';
    if (element.defnamespace) return `parameters of the ${element.defnamespace} table are not covered`;
    const value = resets ? '' : valueOf(element);
    if (value === null) return `the value of ${name} is not readable`;
    sets[`option:${name}`] = value;
  }
  return sets;
}

const COMPRESSION: Readonly<Record<string, string>> = { default: '', lz4: 'l', pglz: 'p' };

function compressed(column: string, def: Node | undefined): Sets | string {
  const method = def && 'String' in def ? COMPRESSION[(def.String.sval ?? '').toLowerCase()] : undefined;
  return method === undefined ? 'the compression is not known' : { [`compression of ${column}`]: method };
}

const STORAGE: Readonly<Record<string, string>> = { plain: 'p', external: 'e', extended: 'x', main: 'm' };

function stored(column: string, def: Node | undefined): Sets | string {
  const word = def && 'String' in def ? (def.String.sval ?? '').toLowerCase() : '';
  const letter = STORAGE[word];
  return letter === undefined
    ? 'which storage that is depends on the type: name it'
    : { [`storage of ${column}`]: letter };
}

/** The parser's tree of 18; its types are of before. */
interface AlteredConstraint {
  conname?: string;
  alterDeferrability?: boolean;
  alterEnforceability?: boolean;
  alterInheritability?: boolean;
  deferrable?: boolean;
  initdeferred?: boolean;
}

function checkedWhen(def: Node | undefined): Sets | string {
  const altered = (def as { ATAlterConstraint?: AlteredConstraint } | undefined)?.ATAlterConstraint;
  if (!altered?.alterDeferrability || altered.alterEnforceability || altered.alterInheritability)
    return 'of a constraint only when it is checked can be altered';
  const when = altered.deferrable ? (altered.initdeferred ? 'deferred' : 'immediate') : 'no';
  return { [`deferrable ${altered.conname ?? ''}`]: when };
}

function numbered(column: string, { subtype, def }: AlterTableCmd): Sets | string {
  const name = `identity of ${column}`;
  if (subtype === 'AT_DropIdentity') return { [name]: '' };
  if (subtype === 'AT_AddIdentity')
    return def && 'Constraint' in def
      ? { [name]: def.Constraint.generated_when ?? '' }
      : 'it is not readable';
  const [first, ...others] = elements(def);
  const kind =
    first?.defname === 'generated' && first.arg && 'Integer' in first.arg ? first.arg.Integer.ival : null;
  // Written as the number of the letter: a or d.
  return kind && others.length === 0
    ? { [name]: String.fromCharCode(kind) }
    : 'options of the sequence behind an identity column are not covered';
}

function settingsOf(command: AlterTableCmd): Sets | string | null {
  const { subtype, name = '', def } = command;
  switch (subtype) {
    case 'AT_SetRelOptions':
      return parameters(def, false);
    case 'AT_ResetRelOptions':
      return parameters(def, true);
    case 'AT_SetLogged':
      return { persistence: 'p' };
    case 'AT_SetUnLogged':
      return { persistence: 'u' };
    case 'AT_ClusterOn':
      return { 'clustered on': name };
    case 'AT_DropCluster':
      return { 'clustered on': '' };
    case 'AT_ReplicaIdentity': {
      const { identity_type: type = '', name: index } =
        def && 'ReplicaIdentityStmt' in def ? def.ReplicaIdentityStmt : {};
      return { 'replica identity': index === undefined ? type : `${type}:${index}` };
    }
    case 'AT_SetStatistics': {
      const target = def && 'Integer' in def ? (def.Integer.ival ?? 0) : null;
      return name === '' || target === null
        ? 'the column is not named'
        : { [`statistics of ${name}`]: String(target) };
    }
    case 'AT_SetCompression':
      return compressed(name, def);
    case 'AT_SetStorage':
      return stored(name, def);
    case 'AT_AlterConstraint':
      return checkedWhen(def);
    case 'AT_AddIdentity':
    case 'AT_DropIdentity':
    case 'AT_SetIdentity':
      return numbered(name, command);
    default:
      return null;
  }
}

/** Null for every other subcommand. */
export function tableSetting(relation: RangeVar | undefined, command: AlterTableCmd): Outcome | null {
  const sets = settingsOf(command);
  if (sets === null || typeof sets === 'string') return sets;
  // A second identity is refused.
  const needs =
    command.subtype === 'AT_AddIdentity' ? { needs: { [`identity of ${command.name ?? ''}`]: '' } } : {};
  return [effect(relationRef('table', relation), 'alter', { sets, again: !('needs' in needs), ...needs })];
}

/** Of these the manual says SHARE UPDATE EXCLUSIVE; everything else takes ACCESS EXCLUSIVE (sql-altertable). */
const LIGHT = /^(option:|statistics of |clustered on$)/;

/** The lock of an effect of {@link tableSetting}; null for other effects on objects. */
export function settingLock({
  verb,
  type,
  sets,
}: ObjectEffect): { level: LockLevel; rewrites: boolean } | null {
  const names = Object.keys(sets);
  if (verb !== 'alter' || type !== 'table' || names.length === 0) return null;
  const light = names.every((name) => LIGHT.test(name));
  return { level: light ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE', rewrites: 'persistence' in sets };
}

/** Columns that it makes forget what number comes next. */
export function identitiesTakenFrom({ verb, type, sets }: ObjectEffect): string[] {
  if (verb !== 'alter' || type !== 'table') return [];
  return Object.entries(sets).flatMap(([name, value]) =>
    name.startsWith('identity of ') && value === '' ? [name.slice('identity of '.length)] : [],
  );
}

const EMPTY: Readonly<Record<string, string>> = { 'clustered on': 'no index' };
const LETTERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  persistence: { p: 'logged', u: 'unlogged' },
  'replica identity': { d: 'the primary key', f: 'full', n: 'nothing' },
  identity: { a: 'always', d: 'by default', '': 'none' },
  compression: { l: 'lz4', p: 'pglz', '': 'the default' },
  storage: { p: 'plain', e: 'external', x: 'extended', m: 'main' },
};

/** `fillfactor of orders to 70`; null for an attribute that is none of these. */
export function settingWords(name: string, value: string): string | null {
  const known = LETTERS[/^(identity|compression|storage) of /.exec(name)?.[1] ?? name]?.[value];
  if (known !== undefined) return `${name} to ${known}`;
  if (name.startsWith('option:')) return `${name.slice('option:'.length)} to ${value || 'its default'}`;
  if (name.startsWith('deferrable '))
    return `the check of ${name.slice('deferrable '.length)} to ${value === 'no' ? 'not deferrable' : `deferrable, ${value}`}`;
  if (name === 'replica identity') return `${name} to index ${value.slice(2)}`;
  if (name === 'clustered on') return `the index it is clustered on to ${value || EMPTY[name]}`;
  return name.startsWith('statistics of ') ? `${name} to ${value}` : null;
}
