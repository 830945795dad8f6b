/** ALTER TYPE of a composite type: its attributes, as single facts. */
import type { AlterTableCmd, AlterTableStmt, RenameStmt } from '@pgsql/types';
import { quoteLiteral, quoteName, type Worded } from '../definition-sql.ts';
import { typeNameOf } from '../types-of.ts';
import { effect, relationRef } from './names.ts';
import type { ObjectEffect, ObjectState } from './types.ts';

type Outcome = ObjectEffect[] | string;

function changes(command: AlterTableCmd): Partial<ObjectEffect> | string {
  const { subtype, name = '', def, missing_ok: ifExists } = command;
  const column = def && 'ColumnDef' in def ? def.ColumnDef : undefined;
  if (command.behavior === 'DROP_CASCADE') return 'CASCADE to typed tables is not covered';
  switch (subtype) {
    case 'AT_AddColumn': {
      if (column?.collClause) return 'an attribute with a collation is not covered';
      const key = `attribute:${column?.colname ?? ''}`;
      return { sets: { [key]: typeNameOf(column?.typeName) }, needs: { [key]: '' } };
    }
    case 'AT_DropColumn':
      return { sets: { [`attribute:${name}`]: '' }, ...(ifExists ? { again: true } : {}) };
    case 'AT_AlterColumnType':
      if (column?.collClause) return 'an attribute with a collation is not covered';
      return { sets: { [`attribute:${name}`]: typeNameOf(column?.typeName) }, again: true };
    default:
      return 'is not covered';
  }
}

export function alterAttributes(alter: AlterTableStmt): Outcome {
  const ref = relationRef('type', alter.relation);
  const effects: ObjectEffect[] = [];
  for (const node of alter.cmds ?? []) {
    const changed = 'AlterTableCmd' in node ? changes(node.AlterTableCmd) : 'not readable';
    if (typeof changed === 'string') return changed;
    effects.push(effect(ref, 'alter', changed));
  }
  return effects;
}

/** `moves:from` says that it is the same attribute: its type is not known. */
export function renameAttribute({ relation, subname = '', newname = '' }: RenameStmt): ObjectEffect[] {
  const sets = { [`has attribute:${subname}`]: 'no', [`has attribute:${newname}`]: 'yes' };
  const needs = { [`has attribute:${subname}`]: 'yes', [`has attribute:${newname}`]: 'no' };
  return [effect(relationRef('type', relation), 'alter', { sets, needs })];
}

/** Whether an effect changes attributes, so that columns of the type matter. */
export function changesAttributes({ type, verb, sets }: ObjectEffect): boolean {
  return (
    type === 'type' && verb === 'alter' && Object.keys(sets).some((name) => name.startsWith('attribute:'))
  );
}

export interface Attribute {
  name: string;
  type: string;
  /** As it is written in ADD ATTRIBUTE, with its collation. */
  definition: string;
  comment: string | null;
}

export function attributesOfType({ attributes }: ObjectState): Attribute[] {
  return JSON.parse(attributes['attributes'] ?? '[]') as Attribute[];
}

/**
 * What makes one state of a composite type the other. Where no column has the type nothing is lost with an attribute: those
 * behind the first difference are made anew, to be in their order.
 * @param bound columns have it: only names are given back (what else there can be, `left.ts` says before the step)
 */
export function attributesSql(before: ObjectState, now: ObjectState, bound: boolean): Worded[] {
  const was = attributesOfType(before);
  const is = attributesOfType(now);
  const alter = (sql: string, words: string): Worded => ({ sql: `ALTER ${now.target} ${sql}`, words });
  const said = (one: Attribute, ref: string): Worded[] =>
    one.comment === null
      ? []
      : [
          {
            sql: `COMMENT ON COLUMN ${ref}.${quoteName(one.name)} IS ${quoteLiteral(one.comment)}`,
            words: `Gives ${one.name} of ${before.name} the comment it had.`,
          },
        ];
  const renamed =
    was.length === is.length &&
    was.every(
      ({ definition, comment }, at) => definition === is[at]?.definition && comment === is[at].comment,
    );
  if (renamed)
    return was.flatMap(({ name }, at) => {
      const old = is[at]?.name ?? '';
      return old === name
        ? []
        : [
            alter(
              `RENAME ATTRIBUTE ${quoteName(old)} TO ${quoteName(name)}`,
              `Gives ${old} of ${before.name} the name ${name} again.`,
            ),
          ];
    });
  if (bound) return [];
  const first = was.findIndex((one, at) => JSON.stringify(one) !== JSON.stringify(is[at]));
  const from = first === -1 ? was.length : first;
  const place = now.target.replace(/^TYPE /, '');
  return [
    ...is
      .slice(from)
      .map(({ name }) => alter(`DROP ATTRIBUTE ${quoteName(name)}`, `Drops ${name} of ${before.name}.`)),
    ...was
      .slice(from)
      .flatMap((one) => [
        alter(
          `ADD ATTRIBUTE ${quoteName(one.name)} ${one.definition}`,
          `Makes ${one.name} of ${before.name} again.`,
        ),
        ...said(one, place),
      ]),
  ];
}
