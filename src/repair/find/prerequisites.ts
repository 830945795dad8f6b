/** What stands in the way of starting. */
import type { Finder } from '../find.ts';
import { entrySql } from './entry.ts';
import { blockingKeys } from './foreign-keys.ts';
import { keysNotPutBack } from './keys-put-back.ts';
import { leftOver } from './left-over.ts';
import { whatIsKnown } from './moments.ts';
import { notOwner } from './owners.ts';
import { missingTypes } from './types-missing.ts';
import { valuesThatDoNotFit } from './values.ts';

/** In the order in which they should be carried out. */
export const PREREQUISITE_FINDERS: readonly Finder[] = [
  whatIsKnown,
  notOwner,
  missingTypes,
  blockingKeys,
  leftOver,
  valuesThatDoNotFit,
  keysNotPutBack,
  entrySql,
];
