/** What the parts of the assessment share. */
import type { World } from '../contents.ts';
import type { Session } from '../session.ts';
import type { Catalog } from '../types.ts';
import type { Findings } from './findings.ts';
import type { Lineage } from './lineage.ts';
import type { Questions } from './questions.ts';

export interface Context {
  session: Pick<Session, 'query'>;
  world: World;
  lineage: Lineage;
  catalog: Catalog;
  questions: Questions;
  findings: Findings;
  /** Whether a later statement of the plan assigns the column. */
  later: (table: string, column: string) => boolean;
}

/** A statement whose result is not known any more: tables it writes cannot be followed from here on. */
export class NotFollowed extends Error {
  constructor(
    readonly what: string,
    readonly why: string,
  ) {
    super(why);
    this.name = 'NotFollowed';
  }
}
