/** What stands in the way of a step that failed. */
import type { Finder } from '../find.ts';
import { blockingKeys, violatedKeys } from './foreign-keys.ts';

/** In the order in which they should be carried out. */
export const FAILURE_FINDERS: readonly Finder[] = [blockingKeys, violatedKeys];
