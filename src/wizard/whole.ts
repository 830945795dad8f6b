/** The whole plan in one transaction: what a confirmation of all its steps is bound to. */
import { createHash } from 'node:crypto';

/** sha256, in hex, of the procedures' hashes in the order of the steps, joined by line feeds. */
export const wholeHash = (hashes: readonly string[]): string =>
  createHash('sha256').update(hashes.join('\n')).digest('hex');
