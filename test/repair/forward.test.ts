/** What is found wrong with migrated databases, each defect made on a real one, and nothing on a clean one. */
import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyPglite, freshPglite } from '../support/pglite.ts';
import { upSections } from '../support/migration.ts';
import * as states from '../support/states.ts';
import { lookForward } from './forward-support.ts';

let db: PGlite;
beforeAll(async () => {
  db = await freshPglite();
});
afterAll(() => db.close());
beforeEach(() => emptyPglite(db));

const ROW = '11111111-1111-1111-1111-111111111111';

describe('no false alarm', () => {
  it.each([
    ['migrated', states.migrated],
    [
      'migrated, with odd rows before',
      (one: states.Database) => states.migrated(one, { rows: 100, knowledge: 24, edgeCases: true }),
    ],
    ['later migrations recorded', states.laterMigrations],
    ['rolled back', states.rolledBack],
    ['before the migration', states.before],
  ] as const)('%s', async (_name, state) => {
    await state(db);
    const { ids, notes } = await lookForward(db);
    expect(ids).toEqual([]);
    expect(notes).toEqual([]);
  });
});

describe('states of real databases', () => {
  it.each([
    ['written to since', states.writtenSince, ['fill-metadata', 'fill-meta'], []],
    ['the version is not recorded', states.recordedAsRolledBack, ['record-version'], []],
    ['empty knowledge', states.emptyKnowledge, ['drop-technology-knowledge'], []],
    ['edited in place', states.editedInPlace, ['section-technology-patterns'], []],
    ['git_commits still there', states.gitCommitsStill, ['drop-git-commits'], []],
  ] as const)('%s', async (_name, state, wanted, titles) => {
    await state(db);
    const { ids, notes } = await lookForward(db);
    expect(ids).toEqual(wanted);
    expect(notes.map(({ title }) => title)).toEqual(titles);
  });

  it('both, of other migrations: side by side, with why rows cannot be copied', async () => {
    await states.both(db);
    const { ids, notes } = await lookForward(db);
    expect(ids).toEqual([
      'rows:technology_templates',
      'rows:technology_patterns',
      'index:git_pending_merges_agent_id_index',
      'index:git_merge_history_inserted_at_index',
      'index:technology_templates_category_index',
      'index:technology_patterns_technology_type_index',
      'not-null:codebase_snapshots.inserted_at',
      'not-null:technology_patterns.created_at.updated_at',
    ]);
    const [events, sessions, ...uncopied] = notes;
    expect(events?.title).toBe('Both detection_events and codebase_snapshots are there');
    expect(events?.table?.rows.map((row) => row.slice(1, 4))).toEqual([
      ['detection_events', '40', 'keys cannot be compared'],
      ['codebase_snapshots', '12', 'keys cannot be compared'],
    ]);
    expect(sessions?.title).toBe('Both git_sessions and git_agent_sessions are there');
    expect(uncopied.map(({ lines }) => lines[0])).toEqual([
      expect.stringContaining('operator does not exist: bigint = uuid (42883)') as string,
      expect.stringContaining('operator does not exist: bigint = uuid (42883)') as string,
    ]);
  });

  it('both, of this migration: which rows are only in one', async () => {
    await states.migrated(db);
    await db.exec(`CREATE TABLE git_sessions (id uuid PRIMARY KEY, session_type varchar(255) NOT NULL,
      branch_name varchar(255) NOT NULL, base_branch varchar(255), status varchar(255) NOT NULL,
      metadata jsonb DEFAULT '{}', inserted_at timestamp(0) NOT NULL, updated_at timestamp(0) NOT NULL);
      INSERT INTO git_sessions SELECT id, 'old', 'main', NULL, status, '{}', inserted_at, updated_at
        FROM git_agent_sessions ORDER BY id LIMIT 3;
      INSERT INTO git_sessions VALUES ('${ROW}', 'late', 'late', NULL, 'active', '{"k": 1}', now(), now())`);
    const { ids, notes, repairs } = await lookForward(db);
    expect(ids).toEqual(['rows:git_agent_sessions']);
    expect(notes[0]?.table?.rows.map((row) => row.slice(1, 4))).toEqual([
      ['git_sessions', '4', '1'],
      ['git_agent_sessions', '20', '17'],
    ]);
    expect(repairs[0]).toMatchObject({
      recommended: false,
      found: expect.stringContaining('1 row of it is not in') as string,
    });
  });

  it('from zero: what its own tables lack, and nothing else', async () => {
    await states.fromZero(db);
    const { ids, notes } = await lookForward(db);
    expect(ids.filter((id) => !/^(index|not-null):/.test(id))).toEqual([]);
    expect(notes).toEqual([]);
  });
});

describe('single defects', () => {
  /** Made on the migrated state; what is then found, and chosen from the start. */
  it.each([
    ['DROP INDEX git_agent_sessions_agent_id_index', ['+index:git_agent_sessions_agent_id_index']],
    ['ALTER INDEX codebase_snapshots_codebase_id_index RENAME TO other', []],
    [
      'DROP INDEX codebase_snapshots_codebase_id_index; CREATE INDEX other ON codebase_snapshots (codebase_id) WHERE codebase_id IS NOT NULL',
      ['+index:codebase_snapshots_codebase_id_index'],
    ],
    [
      'ALTER TABLE technology_templates DROP CONSTRAINT technology_templates_identifier_key',
      ['+constraint:technology_templates_identifier_key'],
    ],
    [
      'ALTER TABLE git_merge_history DROP CONSTRAINT git_merge_history_pkey',
      ['+constraint:git_merge_history_pkey'],
    ],
    [
      'ALTER TABLE technology_patterns ALTER technology_type DROP NOT NULL, ALTER technology_name DROP NOT NULL',
      ['+not-null:technology_patterns.technology_name.technology_type'],
    ],
    [
      'ALTER TABLE technology_patterns ALTER technology_type DROP NOT NULL; UPDATE technology_patterns SET technology_type = NULL WHERE id = 1',
      ['not-null:technology_patterns.technology_type'],
    ],
    [
      "UPDATE git_agent_sessions SET agent_id = NULL WHERE status = 'active'",
      ['+fill-agent-id', 'require-agent-id'],
    ],
    [
      "ALTER TABLE git_agent_sessions ADD CONSTRAINT named CHECK (branch <> '') NOT VALID",
      ['+not-valid:git_agent_sessions.named'],
    ],
    [
      "ALTER TABLE git_agent_sessions ADD CONSTRAINT named CHECK (branch = '') NOT VALID",
      ['not-valid:git_agent_sessions.named'],
    ],
    [
      'ALTER TABLE git_agent_sessions ADD CONSTRAINT of FOREIGN KEY (id) REFERENCES codebase_snapshots (id) NOT VALID',
      ['not-valid:git_agent_sessions.of'],
    ],
    [
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'git_agent_sessions_status_index'::regclass",
      ['+invalid-index:git_agent_sessions_status_index'],
    ],
    [
      `CREATE INDEX git_agent_sessions_status_index_ccnew ON git_agent_sessions (status);
       UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'git_agent_sessions_status_index_ccnew'::regclass`,
      ['+invalid-index:git_agent_sessions_status_index_ccnew'],
    ],
    ['DROP TABLE git_pending_merges', ['+section-git-pending-merges']],
    ['DROP TABLE git_merge_history', ['+section-git-merge-history']],
    ['UPDATE technology_patterns SET extended_metadata = NULL', ['+restore-pattern-metadata']],
  ])('%s', async (sql, wanted) => {
    await states.migrated(db);
    await db.exec(sql);
    const { repairs } = await lookForward(db);
    expect(repairs.map(({ id, recommended }) => `${recommended ? '+' : ''}${id}`)).toEqual(wanted);
  });

  it.each([
    [['snapshots'], ['section-detection-events']],
    [['sessions'], ['section-git-sessions']],
    [['templates', 'knowledge'], ['section-technology-templates']],
    [['patterns', 'knowledge'], ['section-technology-patterns']],
    [
      ['pending', 'history'],
      ['section-git-pending-merges', 'section-git-merge-history'],
    ],
  ])('a section that was skipped: %j', async (left, wanted) => {
    await states.before(db);
    for (const [name, sql] of upSections()) if (!left.includes(name)) await db.exec(sql);
    expect((await lookForward(db)).ids).toEqual(wanted);
  });

  it('a unique index that cannot be built is said so, and not chosen', async () => {
    await states.migrated(db);
    await db.exec(
      "DROP INDEX git_agent_sessions_agent_id_index; UPDATE git_agent_sessions SET agent_id = 'same'",
    );
    const [repair] = (await lookForward(db)).repairs;
    expect(repair).toMatchObject({ id: 'index:git_agent_sessions_agent_id_index', recommended: false });
    expect(repair?.careful.join(' ')).toContain('1 value occurs more than once');
  });

  it('what nothing in the database has any more is said, and offered no SQL', async () => {
    await states.migrated(db);
    await db.exec(
      "UPDATE codebase_snapshots SET metadata = metadata - 'confidence' WHERE metadata->>'run' < '3'",
    );
    const { ids, notes } = await lookForward(db);
    expect(ids).toEqual([]);
    expect(notes[0]?.title).toBe(
      'Migrated snapshots that have lost their event type, detector or confidence',
    );
    expect(notes[0]?.lines[0]).toMatch(/^\d+ rows\. No SQL mends it\.$/);
    expect(notes).toHaveLength(1);
  });
});
