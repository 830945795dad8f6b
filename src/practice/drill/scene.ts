/** What can be made to happen to the operator of a drill, wherever its database is. */
import type { InjectedAct } from './types.ts';

export interface Scene {
  /** Does it; resolves when it has happened, or is certain to. @throws {DatabaseError} of the drill's own SQL */
  act(act: InjectedAct): Promise<Happening>;
}

export interface Happening {
  /** It was not done to the database, but is shown as if. */
  simulated: boolean;
  /** Ends it, where it lasts. */
  end(): Promise<void>;
}

export const OVER: Happening = { simulated: false, end: () => Promise.resolve() };
