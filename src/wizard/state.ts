/** The state a run begins in. */
import type { Help } from '../checklist/types.ts';
import type { ShownConfig } from '../config/types.ts';
import type { RunKind } from '../journal/types.ts';
import type { Runbook } from '../runbook/types.ts';
import { escalationCommands } from '../escalate/commands.ts';
import type { Plan } from '../sql/types.ts';
import { noApplication } from './application.ts';
import { idleBackups } from './backup.ts';
import { noDebrief } from './debrief.ts';
import { noRehearsal } from './rehearsal.ts';
import { noEscalation } from './escalation.ts';
import type { Backups, ChecklistState, Forward, Look, Quick, Repairs, State } from './types.ts';

export interface Beginning {
  /** What the command line says of the backup. */
  backup?: Partial<Pick<Backups, 'path' | 'wanted'>>;
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
  /** Nothing but these is asked for. */
  values?: State['values'];
  /** In practice. */
  drill?: State['drill'];
  /** Begins with the escalation in front of it. */
  escalating?: boolean;
  /** Absent: as without a configuration file. */
  config?: ShownConfig;
  /** What helps with the items of the checklist, by id. */
  help?: Record<string, Help[]>;
}

const NO_CONFIG: ShownConfig = {
  contacts: [],
  commands: { start_seconds: 60 },
  project: {},
  backup: {},
  logs: { files: [] },
  migrations: {},
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
export const noRepairs = (): Repairs => ({
  status: 'idle',
  found: [],
  notes: [],
  chosen: [],
  focus: 0,
  asking: null,
  error: null,
});

/** Not looked at yet. */
export const noQuick = (): Quick => ({
  status: 'idle',
  look: null,
  error: null,
  chosen: false,
  asking: false,
  command: 0,
  give: 'nothing',
  attempt: 0,
  startedAt: null,
  stops: 0,
  output: [],
  end: null,
});

/** Not looked at yet. */
export const noForward = (): Forward => ({
  status: 'idle',
  found: [],
  notes: [],
  chosen: [],
  error: null,
  sql: false,
  place: null,
  skeleton: { status: 'idle', paths: [], error: null },
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
  | 'stepCommands'
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
  | 'rehearsal'
  | 'forward'
  | 'quick'
  | 'mending'
  | 'application'
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
    stepCommands: {},
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
    rehearsal: noRehearsal(),
    forward: noForward(),
    quick: noQuick(),
    mending: false,
    application: noApplication(),
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
    backup: idleBackups(beginning.backup),
    target: { status: 'idle', settings: [], server: null, error: null, changing: false },
    ...freshFindings(),
    checklist: {
      items: runbook.checklist.map((item) => checklistItem(item, beginning.help?.[item.id])),
      focus: 0,
      asking: null,
    },
    report: { status: 'idle', markdownPath: null, jsonPath: null, summary: [], error: null },
    debrief: noDebrief(),
    leaving: false,
    values: beginning.values ?? null,
    drill: beginning.drill ?? null,
    escalating: beginning.escalating ?? false,
    escalation: noEscalation(escalationCommands(runbook.escalation, beginning.config ?? NO_CONFIG)),
    notice: null,
    turn: 0,
    ending: null,
    outcome: null,
  };
}

function checklistItem(
  { id, text, command }: State['runbook']['checklist'][number],
  help: Help[] = [],
): ChecklistState {
  return {
    id,
    text,
    command: command ?? null,
    help,
    done: null,
    note: '',
    running: false,
    watched: false,
    stays: null,
    output: [],
    result: null,
    checks: [],
  };
}
