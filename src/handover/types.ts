/** What the next person is told, who may just have been woken up. All texts are sanitised. */
import type { ShownConfig } from '../config/types.ts';

export interface HandOverFacts {
  at: string;
  by: string;
  environment: 'PRACTICE' | 'PRODUCTION';
  server: { host: string; port: string; database: string; user: string };
  runbook: string;
  contacts: ShownConfig['contacts'];
  /** Null: the database could not be read; why. */
  position: { steps: { title: string; state: string }[]; failed: null } | { steps: []; failed: string };
  runs: {
    run: string;
    kind: string;
    operator: string;
    /** A session works on it now. */
    live: boolean;
    ended: boolean;
    /** Committed, and not undone. */
    done: number;
  }[];
  /** Of the newest run on this machine: what was tried, a line each. */
  tried: string[];
  unknown: boolean;
  run: string | null;
  stopped: { at: string; by: string } | null;
  beside: string[];
  /** Who waits for whom, and who is connected, a line each. */
  sessions: string[];
}
