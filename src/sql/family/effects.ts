/** ATTACH and DETACH PARTITION, INHERIT and NO INHERIT: one fact of the table that becomes a part, or stops being one. */
import type { AlterTableCmd, PartitionCmd, RangeVar } from '@pgsql/types';
import { effect, relationRef } from '../objects/names.ts';
import type { ObjectEffect } from '../objects/types.ts';
import { tableText } from '../parse-tree.ts';
import { boundText } from './bounds.ts';
import { INHERITS, parentAttribute, parentIn } from './members.ts';

type Outcome = ObjectEffect[] | string;

/** How the effects of a statement on a family are told apart from other settings of a table. */
export interface FamilyChange {
  part: string;
  parent: string;
  /** The bound, {@link INHERITS}, or empty: it leaves. */
  value: string;
}

function change(part: RangeVar | undefined, parent: RangeVar | undefined, value: string): ObjectEffect {
  const from = parent ? tableText(parent) : '';
  const sets = { [parentAttribute(from)]: value };
  return effect(relationRef('table', part), 'alter', { sets, reads: [from] });
}

/** As {@link change}, for a table that a statement makes as a part of another. */
export const madePartOf = (part: RangeVar | undefined, parent: RangeVar, value: string): ObjectEffect => ({
  ...change(part, parent, value),
  withTable: true,
});

const ofPartition = ({ def }: AlterTableCmd): PartitionCmd =>
  def && 'PartitionCmd' in def ? def.PartitionCmd : {};

/** Null for every other subcommand. */
export function familyCommand(relation: RangeVar | undefined, command: AlterTableCmd): Outcome | null {
  const other = command.def && 'RangeVar' in command.def ? command.def.RangeVar : undefined;
  switch (command.subtype) {
    case 'AT_AttachPartition': {
      const { name, bound } = ofPartition(command);
      return bound ? [change(name, relation, boundText(bound))] : 'the bound is not readable';
    }
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize':
      return [change(ofPartition(command).name, relation, '')];
    case 'AT_AddInherit':
      return [change(relation, other, INHERITS)];
    case 'AT_DropInherit':
      return [change(relation, other, '')];
    default:
      return null;
  }
}

/** What an effect does to a family; null for all others. */
export function familyChange(one: { kind: string }): FamilyChange | null {
  if (one.kind !== 'object') return null;
  const { type, verb, name, sets } = one as ObjectEffect;
  if (type !== 'table' || verb !== 'alter') return null;
  const [first] = Object.entries(sets);
  const parent = first ? parentIn(first[0]) : null;
  return parent === null || !first ? null : { part: name, parent, value: first[1] };
}
