/** The state a run begins in. */
import type { ShownConfig } from '../config/types.ts';
import type { RunKind } from '../journal/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Plan } from '../sql/types.ts';
import type { ChecklistState, Look, Repairs, State } from './types.ts';

export interface Beginning {
  environment: State['environment'];
  /** The run's id. */
  run: string;
  /** backout's own version. */
  version: string;
  runbook: Runbook;
  plan: Plan;
  /** Absent: a rollback. */
  purpose?: RunKind;
  /** The run an undo takes back. */
  undoes?: string;
  /** What a repair goes back to. */
  after?: State['after'];
  /** Absent: as without a configuration file. */
  config?: ShownConfig;
}

const NO_CONFIG: ShownConfig = {
  contacts: [],
  commands: { start_seconds: 60 },
  project: {},
  backup: {},
  logs: { files: [] },
  path: null,
};

export const idleLook = (tries = 0): Look => ({
  status: 'idle',
  results: [],
  found: null,
  error: null,
  tries,
});

/** Not looked for yet. */
export const noRepairs = (): Repairs => ({ status: 'idle',
  found: [],
  notes: [],
  chosen: [],
  focus: 0,
  error: null,
});

/** Everything learned from one database; replaced as a whole when the operator names another. */
export function freshFindings(): Pick<
  State,
  | 'prerequisites'
  | 'survey'
  | 'stale'
  | 'changes'
  | 'look'
  | 'decision'
  | 'forms'
  | 'choosing'
  | 'wholePlan'
  | 'withoutArchive'
  | 'consenting'
  | 'steps'
  | 'current'
  | 'paused'
  | 'waiting'
  | 'atLock'
  | 'otherRun'
  | 'withOther'
  | 'resumed'
  | 'archived'
  | 'verification'
  | 'repairs'
  | 'mending'
> {
  return {
    prerequisites: { status: 'idle', results: [], accepted: [], declined: null, round: 0, error: null },
    survey: null,
    stale: false,
    changes: [],
    look: idleLook(),
    decision: {
      status: 'idle',
      evidence: [],
      toAsk: [],
      recommendation: null,
      choice: null,
      reason: null,
      error: null,
    },
    forms: {},
    choosing: null,
    wholePlan: false,
    withoutArchive: false,
    consenting: false,
    steps: [],
    current: 0,
    paused: false,
    waiting: null,
    atLock: null,
    otherRun: null,
    withOther: 'asking',
    resumed: null,
    archived: [],
    verification: { status: 'idle', result: null, error: null },
    repairs: noRepairs(),
    mending: false,
  };
}

/** The wizard before its first event. Nothing is connected, nothing has been asked. */
export function initialState(beginning: Beginning): State {
  const { environment, run, version, runbook, plan } = beginning;
  return {
    environment,
    purpose: beginning.purpose ?? 'rollback',
    undoes: beginning.undoes ?? null,
    after: beginning.after ?? null,
    run,
    version,
    runbook,
    plan,
    config: beginning.config ?? NO_CONFIG,
    screen: 'target',
    target: { status: 'idle', settings: [], server: null, error: null, changing: false },
    ...freshFindings(),
    checklist: { items: runbook.checklist.map(checklistItem), focus: 0, noting: false },
    report: { status: 'idle', markdownPath: null, jsonPath: null, summary: [], error: null },
    leaving: false,
    escalating: false,
    notice: null,
    turn: 0,
    ending: null,
    outcome: null,
  };
}

function checklistItem({ id, text, command }: State['runbook']['checklist'][number]): ChecklistState {
  return {
    id,
    text,
    command: command ?? null,
    done: null,
    note: '',
    running: false,
    output: [],
    result: null,
  };
}
