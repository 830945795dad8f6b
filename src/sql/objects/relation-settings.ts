/** ALTER VIEW, ALTER MATERIALIZED VIEW and ALTER INDEX: storage parameters, a view's defaults. */
import type { AlterTableCmd } from '@pgsql/types';
import { parameters } from '../effects-settings.ts';
import { effect } from './names.ts';
import type { ObjectEffect, ObjectRef } from './types.ts';

/** A default is spelled otherwise in the catalog: whether it is the one that is set is not told. */
export function relationSetting(ref: ObjectRef, command: AlterTableCmd): ObjectEffect[] | string {
  const { subtype, name = '', def } = command;
  if (subtype === 'AT_SetRelOptions' || subtype === 'AT_ResetRelOptions') {
    const sets = parameters(def, subtype === 'AT_ResetRelOptions');
    return typeof sets === 'string' ? sets : [effect(ref, 'alter', { sets, again: true })];
  }
  if (subtype === 'AT_ColumnDefault' && ref.type === 'view')
    return [effect(ref, 'alter', { again: true, ...(def ? {} : { sets: { [`default of ${name}`]: '' } }) })];
  return 'is not covered';
}
