/** A small runbook, a survey that fits it, and a walk through the wizard with events made by hand. */
import { expect } from 'vitest';
import type { JournalBody } from '../../src/journal/types.ts';
import type { ExplainedError, Prerequisite, ServerInfo } from '../../src/postgres/types.ts';
import type { Repair } from '../../src/repair/types.ts';
import type { Runbook } from '../../src/runbook/types.ts';
import type { Plan, PositionState, Statement, StepPosition, Verification } from '../../src/sql/types.ts';
import { questionOf, screenOf } from '../../src/steps/index.ts';

import { reduce } from '../../src/wizard/reducer.ts';
import { initialState, type Beginning } from '../../src/wizard/state.ts';
import type {
  ActionId,
  Block,
  Event,
  Question,
  Screen,
  State,
  Survey,
  Task,
} from '../../src/wizard/types.ts';
import { offersFor } from './procedures.ts';

export const SQL = [
  ['ALTER TABLE snapshots RENAME TO events', "UPDATE events SET kind = COALESCE(kind, 'unknown')"],
  ['ALTER TABLE agent_sessions\n  DROP COLUMN meta'],
  ["DELETE FROM schema_migrations WHERE version = '1'"],
];

const statement = (sql: string, index: number): Statement => ({
  index: index + 1,
  sql,
  line: 10 + index,
  comment: '',
  command: sql.startsWith('ALTER') ? 'ALTER TABLE' : (sql.split(' ')[0] ?? ''),
  tree: { SelectStmt: {} },
  effects: [{ kind: 'select', reads: [] }],
});

export const PLAN: Plan = {
  hash: 'plan-hash',
  steps: SQL.map((statements, index) => ({
    id: `step-${index + 1}`,
    title: ['Restore events', 'Restore sessions', 'Remove the version'][index] ?? '',
    words: `What step ${index + 1} is for.`,
    statements: statements.map(statement),
  })),
};

export const RUNBOOK: Runbook = {
  path: 'runbooks/test.md',
  sha256: 'abc',
  title: 'Take back the rename',
  migration: { version: '20250101000014', name: 'align' },
  quick: null,
  overview: [],
  prerequisites: null,
  stateChecks: [],
  steps: [],
  expectations: [],
  criteria: [{ id: 'deployed', text: 'Not yet deployed', supports: 'rollback', line: 3 }],
  fixes: { migrated: [], defects: [], stray: [] },
  troubleshooting: [
    {
      id: 'gone',
      title: 'Rollback fails with "table does not exist"',
      cause: 'Already partly rolled back.',
      solution: 'Run only what is left.',
      blocks: [],
      line: 90,
    },
  ],
  escalation: {
    title: 'Escalation',
    depth: 2,
    text: 'Call the database team.',
    blocks: [{ language: 'bash', info: {}, text: './stop-all.sh\n', line: 99, lead: 'Stop writes' }],
    line: 98,
  },
  checklist: [
    { id: 'starts', text: 'The application starts', line: 110 },
    { id: 'tests', text: 'Run the tests: mix test', command: 'mix test', line: 111 },
  ],
  related: null,
  differences: null,
  unrecognised: [],
};

export const SERVER: ServerInfo = {
  version: '15.18',
  versionNumber: 150018,
  database: 'orders',
  user: 'ops',
  host: 'db1',
  port: '5432',
  superuser: false,
  standby: false,
  readOnly: false,
  encryption: 'TLSv1.3',
  systemIdentifier: '42',
  embedded: false,
};

export const failure = (more: Partial<ExplainedError> = {}): ExplainedError => ({
  sqlstate: '22P02',
  message: 'invalid input syntax',
  explanation: 'A value does not fit.',
  advice: 'Look at the rows.',
  ...more,
});

export const result = (id: string, status: Prerequisite['status']): Prerequisite => ({
  id,
  title: `Title of ${id}`,
  status,
  detail: `Found ${id}.`,
  advice: status === 'pass' ? '' : `Mend ${id}.`,
  items: [],
});

/** `states` gives the state of each step; its statements share it. */
export function survey(states: PositionState[] = [], more: Partial<Survey> = {}): Survey {
  const steps = PLAN.steps.map((step, index): StepPosition => {
    const state = states[index] ?? 'pending';
    return {
      id: step.id,
      state,
      statements: step.statements.map(({ index: at }) => ({
        index: at,
        state: state === 'partial' ? (at === 1 ? 'applied' : 'pending') : state,
        reason: `found ${state}`,
      })),
    };
  });
  const hash = more.hash ?? 'hash-one-0123456789';
  return {
    position: { steps },
    offers: offersFor(PLAN, hash, steps),
    locks: [
      {
        step: 'step-1',
        index: 1,
        table: 'snapshots',
        level: 'ACCESS EXCLUSIVE',
        scans: false,
        rewrites: false,
      },
    ],
    risk: {
      dataAtRisk: [
        {
          step: 'step-2',
          index: 1,
          table: 'agent_sessions',
          column: 'meta',
          rows: 12400,
          detail: 'meta goes',
        },
      ],
      invented: [{ step: 'step-1', index: 2, table: 'events', column: 'kind', value: "'unknown'", rows: 7 }],
      failing: [],
      unchecked: [],
    },
    attachments: [],
    baseline: { events: 100 },
    ...more,
    hash,
  };
}

/** A repair by its id, chosen from the start unless told otherwise. */
export const repair = (id: string, recommended = true): Repair => ({
  id,
  title: `Mend ${id}`,
  found: `${id} is wrong.`,
  careful: [],
  sql: `UPDATE ${id} SET a = 1 WHERE a IS NULL;`,
  checks: [],
  recommended,
});

/** The answer to looking for what is wrong with the migrated state. */
export const NOTHING_FOUND: Event = { type: 'repairs', found: [] };

export const verification = (ok: boolean): Verification => ({
  ok,
  checks: [
    { id: 'tables', title: 'events exists', ok: true, expected: 'yes', found: 'yes', detail: '' },
    {
      id: 'rows',
      title: 'rows of events',
      ok,
      expected: '100',
      found: ok ? '100' : '99',
      detail: 'one is gone',
    },
  ],
});

export const BEGINNING: Beginning = {
  environment: 'PRODUCTION',
  run: '20261122-1549-k3f9',
  version: '0.1.0',
  runbook: RUNBOOK,
  plan: PLAN,
  help: {
    tests: [
      {
        kind: 'command',
        role: 'test',
        command: 'mix test',
        from: 'runbook',
        word: 'mix',
        why: null,
        untypable: null,
        folder: null,
        seconds: 60,
      },
    ],
  },
};

/** Follows the wizard: keeps the state, every task, every line of the journal. */
export class Walk {
  state: State;
  tasks: Task[] = [];
  /** Tasks of the last event. */
  last: Task[] = [];

  constructor(beginning: Partial<Beginning> = {}) {
    this.state = initialState({ ...BEGINNING, ...beginning });
  }

  send(...events: Event[]): this {
    for (const event of events) {
      const next = reduce(this.state, event);
      this.state = next.state;
      this.last = next.tasks;
      this.tasks.push(...next.tasks);
    }
    return this;
  }

  answer(value: string): this {
    return this.send({ type: 'answer', question: this.question.id, value });
  }

  act(action: ActionId): this {
    return this.send({ type: 'action', action });
  }

  get screen(): Screen {
    return screenOf(this.state);
  }

  get question(): Question {
    return questionOf(this.state);
  }

  get words(): string {
    return wordsIn(this.screen.blocks);
  }

  get journal(): JournalBody[] {
    return this.tasks.flatMap((task) => (task.type === 'record' ? [task.event] : []));
  }

  started(type: Task['type']): number {
    return this.tasks.filter((task) => task.type === type).length;
  }

  // the way, one stretch at a time

  connected(): this {
    return this.send({ type: 'start' }, { type: 'connected', server: SERVER });
  }

  checked(found: Prerequisite[] = [result('primary', 'pass')], seen: Survey = survey()): this {
    this.connected().answer('next');
    for (const one of found) this.send({ type: 'prerequisite', result: one });
    return this.send({ type: 'prerequisites-done', survey: seen });
  }

  deciding(seen: Survey = survey()): this {
    this.checked(undefined, seen).answer('next');
    return this.send({
      type: 'evidence',
      evidence: [
        { id: 'age', title: 'Ran lately', supports: 'rollback', detail: '3 hours ago', source: 'database' },
      ],
      toAsk: [],
    });
  }

  planned(seen: Survey = survey()): this {
    return this.deciding(seen).answer('rollback');
  }

  atStep(seen: Survey = survey()): this {
    return this.planned(seen).answer('next');
  }

  running(seen: Survey = survey()): this {
    const walk = this.atStep(seen);
    const { question } = walk;
    return walk
      .answer(question.kind === 'typed' ? question.expected : 'yes')
      .send({ type: 'step-started', step: walk.step, at: 1_000 });
  }

  /** Somebody was faster: the confirmation is void, and everything is checked anew. */
  voided(fresh: Survey, found: Prerequisite[] = [result('primary', 'pass')]): this {
    this.send({ type: 'survey-changed', step: this.step, survey: fresh });
    for (const one of found) this.send({ type: 'prerequisite', result: one });
    return this.send({ type: 'prerequisites-done', survey: fresh });
  }

  get step(): string {
    return this.state.steps[this.state.current]?.id ?? '';
  }

  /** The database's side of a step that works; `after` is the survey read after the commit. */
  carriesOut(after: Survey | null): this {
    const { step } = this;
    const actions = this.state.steps.find(({ id }) => id === step)?.statements ?? [];
    for (const { index } of actions) {
      this.send(
        { type: 'statement-started', step, index },
        { type: 'statement-done', step, index, rows: 3, seconds: 0.5 },
      );
    }
    return this.send({ type: 'step-done', step, seconds: 1.5, survey: after });
  }

  /** All steps carried out and confirmed as asked; ends with the verification running. */
  allSteps(): this {
    const after: PositionState[] = [];
    this.atStep();
    while (this.state.screen === 'step') {
      const { question } = this;
      expect(['confirm', 'typed']).toContain(question.kind);
      after.push('applied');
      const risk = { ...survey().risk, dataAtRisk: after.length < 2 ? survey().risk.dataAtRisk : [] };
      this.answer(question.kind === 'typed' ? question.expected : 'yes')
        .send({ type: 'step-started', step: this.step, at: 5 })
        .carriesOut(survey(after, { hash: `hash-after-${after.length}-steps`, risk }))
        .answer('next');
    }
    return this;
  }
}

/** Everything a list of blocks says, as one text. */
export function wordsIn(blocks: Block[]): string {
  return blocks
    .map((block) => {
      switch (block.kind) {
        case 'heading':
          return block.text;
        case 'text':
          return block.spans.map((part) => part.text).join('');
        case 'item':
          return [block.mark, block.text, block.detail ?? '', ...(block.lines ?? [])].join(' ');
        case 'table':
          return [block.columns, ...block.rows].map((row) => row.join(' | ')).join('\n');
        case 'sql':
          return block.sql;
        case 'log':
          return block.lines.join('\n');
        case 'gap':
          return '';
      }
    })
    .join('\n');
}

export const sqlIn = (blocks: Block[]): string[] =>
  blocks.flatMap((block) => (block.kind === 'sql' ? [block.sql] : []));
