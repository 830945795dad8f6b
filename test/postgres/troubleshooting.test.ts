/** Which entry of a runbook opens: by SQLSTATE, by the objects, by where the database stands; none rather than a wrong one. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { clueOf, foretold, type Standing } from '../../src/postgres/explain/clues.ts';
import { matchTroubleshooting, withEntry } from '../../src/postgres/explain/troubleshooting.ts';
import type { Prerequisite } from '../../src/postgres/types.ts';
import { parseRunbook } from '../../src/runbook/read.ts';
import type { Runbook } from '../../src/runbook/types.ts';
import { DatabaseError } from '../../src/sql/session.ts';
import type { Plan, Table } from '../../src/sql/types.ts';
import { shipped } from '../runbook/shipped.ts';

const first = parseRunbook(
  readFileSync(new URL('../fixtures/ROLLBACK_PROCEDURE.md', import.meta.url), 'utf8'),
  'first.md',
);
let runbook: Runbook;
let plan: Plan;

beforeAll(async () => {
  ({ runbook, plan } = await shipped());
});

const title = (error: DatabaseError, of: Runbook): string | null =>
  matchTroubleshooting(clueOf(error, plan), of)?.title ?? null;

describe('an error', () => {
  it.each([
    ['22P02', 'invalid input syntax for type double precision: "high"', {}, /^Invalid input syntax/],
    ['22001', 'value too long for type character varying(255)', {}, /value too long/],
    ['55P03', 'canceling statement due to lock timeout', {}, /lock timeout/],
    ['42P07', 'relation "technology_knowledge" already exists', {}, /^technology_knowledge already exists/],
    ['42P01', 'relation "codebase_snapshots" does not exist', {}, /table does not exist/],
    [
      '23503',
      'insert or update on table "git_commits" violates foreign key constraint "git_commits_session_id_fkey"',
      { table: 'git_commits', constraint: 'git_commits_session_id_fkey' },
      /^Foreign key constraint violations/,
    ],
  ])('%s opens the entry that is about it: %s', (state, message, more, expected) => {
    expect(title(new DatabaseError(message, state, more), runbook)).toMatch(expected);
  });

  it('is told by its SQLSTATE and its objects in another language as well', () => {
    const german = 'Fremdschlüssel-Constraint »git_commits_session_id_fkey« wird verletzt';
    const more = { table: 'git_commits', constraint: 'git_commits_session_id_fkey' };
    expect(title(new DatabaseError(german, '23503', more), runbook)).toMatch(/^Foreign key/);
  });

  it('on another object than the title of an entry names does not open it', () => {
    expect(
      title(new DatabaseError('relation "detection_events" already exists', '42P07'), runbook),
    ).toBeNull();
    expect(title(new DatabaseError('relation "git_commits" does not exist', '42P01'), runbook)).not.toBe(
      'technology_knowledge already exists',
    );
  });

  it('about a table that is no part of the plan does not speak of how far the plan has come', () => {
    const error = new DatabaseError('relation "audit_log" does not exist', '42P01');
    expect(title(error, first)).toBeNull();
    expect(matchTroubleshooting(clueOf(error), first)?.title).toMatch(/table does not exist/);
  });

  it('with a view that depends is not taken for a foreign key', () => {
    const detail = 'view busy_sessions depends on table git_pending_merges';
    expect(title(new DatabaseError('cannot drop', '2BP01', { detail }), first)).toBeNull();
    const key = 'constraint git_commits_session_id_fkey on table git_commits depends on table git_sessions';
    expect(title(new DatabaseError('cannot drop', '2BP01', { detail: key }), first)).toMatch(/^Foreign key/);
  });

  it('whose SQLSTATE an entry spells out opens that one before any other', () => {
    const entries = [
      { id: 'a', title: 'Foreign key trouble', cause: '', solution: '', blocks: [], line: 1 },
      {
        id: 'b',
        title: 'Something else',
        cause: 'The server says 23503.',
        solution: '',
        blocks: [],
        line: 2,
      },
    ];
    const found = matchTroubleshooting(clueOf(new DatabaseError('no', '23503')), {
      troubleshooting: entries,
    });
    expect(found?.id).toBe('b');
  });
});

const failed = (id: string): Prerequisite => ({
  id,
  title: id,
  status: 'fail',
  detail: '',
  advice: '',
  items: [],
});

const table = (name: string): Table => ({
  schema: 'public',
  name,
  oid: 1,
  kind: 'r',
  owner: 'o',
  estimatedRows: 0,
  bytes: 0,
  columns: [],
  indexes: [],
  constraints: [],
});

function standing(tables: string[], conflicts: [step: string, index: number][]): Standing {
  return {
    plan,
    catalog: { schema: 'public', tables: Object.fromEntries(tables.map((name) => [name, table(name)])) },
    position: {
      steps: plan.steps.map(({ id, statements }) => ({
        id,
        state: 'conflict',
        statements: statements.map(({ index }) => ({
          index,
          state: conflicts.some(([step, at]) => step === id && at === index) ? 'conflict' : 'pending',
          reason: '',
        })),
      })),
    },
    risk: { dataAtRisk: [], invented: [], failing: [], unchecked: [] },
    attachments: [],
  };
}

describe('a prerequisite', () => {
  const entry = (id: string, where: Standing, of: Runbook = runbook): string | undefined =>
    withEntry(failed(id), where, of).troubleshooting;

  it('on the state opens what the position shows: a table that is missing, or a name that is taken', () => {
    // Statement 4 of Step 1 renames codebase_snapshots; statement 1 of Step 3 creates technology_knowledge.
    expect(entry('state', standing([], [['step-1', 4]]))).toMatch(/table does not exist/);
    expect(entry('state', standing(['technology_knowledge'], [['step-3', 1]]))).toMatch(/already exists/);
    expect(
      entry('state', standing(['codebase_snapshots', 'detection_events'], [['step-1', 4]])),
    ).toBeUndefined();
  });

  it('on values and attachments opens the entry on what would have failed', () => {
    const where = standing([], []);
    const failing = { step: 'step-1', index: 6, table: 'detection_events', column: 'event_type', rows: 1 };
    const shown = { keys: [], keyColumns: 'id', detail: '' };
    where.risk.failing = [{ ...failing, ...shown, kind: 'length' }];
    expect(entry('values', where)).toMatch(/value too long/);
    where.attachments = [
      {
        table: 'git_agent_sessions',
        kind: 'foreign key to the table',
        name: 'git_commits_session_id_fkey',
        detail: '',
        outcome: 'breaks',
        words: '',
      },
    ];
    expect(entry('attachments', where, first)).toMatch(/^Foreign key/);
    where.attachments = where.attachments.map((one) => ({ ...one, kind: 'view', name: 'busy_sessions' }));
    expect(entry('attachments', where, first)).toBeUndefined();
  });

  it('that passes, or that foretells no failure, opens nothing', () => {
    const where = standing([], [['step-1', 4]]);
    expect(withEntry({ ...failed('state'), status: 'pass' }, where, runbook).troubleshooting).toBeUndefined();
    expect(foretold({ id: 'backup' }, where)).toEqual([]);
  });
});
