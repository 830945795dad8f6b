/** A runbook that is not written in sections: made of a tool's file, of an undo, or shown where there is none. */
import type { Runbook } from './types.ts';

export const NO_SECTIONS: Omit<Runbook, 'path' | 'sha256' | 'title' | 'migration' | 'steps'> = {
  quick: null,
  overview: [],
  prerequisites: null,
  stateChecks: [],
  expectations: [],
  criteria: [],
  troubleshooting: [],
  fixes: { migrated: [], defects: [], stray: [] },
  escalation: null,
  checklist: [],
  related: null,
  differences: null,
  unrecognised: [],
};
