/** What stands in the way of starting. */
import type { Finder } from '../find.ts';
import { blockingKeys } from './foreign-keys.ts';
import { keysNotPutBack } from './keys-put-back.ts';

/** In the order in which they should be carried out. */
export const PREREQUISITE_FINDERS: readonly Finder[] = [blockingKeys, keysNotPutBack];
