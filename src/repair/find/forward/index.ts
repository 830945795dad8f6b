/** What is wrong with the migrated state, in the order in which it should be mended: tables, rows, then what is built on them. */
import type { Finder } from '../../find.ts';
import { bothTables } from './both.ts';
import { unchecked } from './constraints.ts';
import { declared } from './declared.ts';
import { invalidIndexes } from './indexes.ts';
import { droppedIndexes, missingParts } from './migrated.ts';

export const FORWARD_FINDERS: readonly Finder[] = [
  declared,
  bothTables,
  invalidIndexes,
  missingParts,
  droppedIndexes,
  unchecked,
];
