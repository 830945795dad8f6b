/** One thing that a statement does to rows, as a statement of its own that could be asked about by itself. */
import type { Node } from '@pgsql/types';
import type { Effect } from '../types.ts';

export interface RowPart {
  /**
   * Null where it cannot be written so: it reads rows that another part of the statement makes. All parts see the rows as
   * they were before the statement (manual, queries-with), so that a part that is written out means the same.
   */
  tree: Node | null;
  effects: Effect[];
  /** It reads what another part returns, or another one reads what it returns: it stands and falls with that. */
  linked: boolean;
}
