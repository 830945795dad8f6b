/** ALTER … SET SCHEMA of what is no table: a rename into another schema. */
import type { AlterObjectSchemaStmt } from '@pgsql/types';
import { effect, refOf, relationRef, TYPES } from './names.ts';
import type { ObjectEffect } from './types.ts';

export function setSchema(alter: AlterObjectSchemaStmt): ObjectEffect[] | string {
  if (alter.missing_ok) return 'IF EXISTS would do nothing, and say nothing, when it is missing';
  if (alter.objectType === 'OBJECT_TABLE')
    return 'a table that goes into another schema is not followed there';
  if (alter.objectType === 'OBJECT_EXTENSION') return 'everything in the extension goes along';
  const type = TYPES[alter.objectType ?? ''];
  const ref =
    type === undefined
      ? null
      : alter.relation
        ? relationRef(type, alter.relation)
        : refOf(type, alter.object);
  if (ref === null || ref.type === 'operator' || ref.type === 'statistics')
    return 'another schema for this kind of object is not covered';
  return [effect(ref, 'rename', { to: ref.name, toSchema: alter.newschema ?? '' })];
}
