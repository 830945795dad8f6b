/** What stands in the way of a step that failed. */
import type { Finder } from '../find.ts';
import { entrySql } from './entry.ts';
import { blockingKeys, violatedKeys } from './foreign-keys.ts';
import { leftOver } from './left-over.ts';
import { whatIsKnown } from './moments.ts';
import { notOwner } from './owners.ts';
import { missingTypes } from './types-missing.ts';
import { valuesThatDoNotFit } from './values.ts';

/** In the order in which they should be carried out. */
export const FAILURE_FINDERS: readonly Finder[] = [
  whatIsKnown,
  notOwner,
  missingTypes,
  blockingKeys,
  violatedKeys,
  leftOver,
  valuesThatDoNotFit,
  entrySql,
];
