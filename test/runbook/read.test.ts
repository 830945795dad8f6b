import { createHash } from 'node:crypto';
import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/exit.ts';
import { parseRunbook, readRunbook } from '../../src/runbook/read.ts';
import type { Expectation, Runbook } from '../../src/runbook/types.ts';
import { SHIPPED } from './shipped.ts';

const FIRST = 'test/fixtures/ROLLBACK_PROCEDURE.md';
const first = parseRunbook(await readFile(FIRST, 'utf8'), FIRST);

const named = (runbook: Runbook, kind: 'table' | 'index'): string[] =>
  runbook.expectations.flatMap((wanted) =>
    wanted.kind !== kind
      ? []
      : [wanted.kind === 'table' && !wanted.exists ? `no ${wanted.name}` : wanted.name],
  );
const queries = (runbook: Runbook): Extract<Expectation, { kind: 'query' }>[] =>
  runbook.expectations.filter((wanted) => wanted.kind === 'query');

describe("the user's document, verbatim", () => {
  it('is read whole: title, migration, and no section unrecognised', () => {
    expect(first.title).toBe('Schema Alignment Migration - Rollback Procedure');
    expect(first.migration).toEqual({ version: '20250101000014', name: 'align_schema_table_names' });
    expect(first.unrecognised).toEqual([]);
    expect(first.differences).toBeNull();
  });

  it('keeps the hash of the file', async () => {
    const bytes = await readFile(FIRST);
    expect(first.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('has its quick rollback, overview, prerequisites, escalation and related documents', () => {
    expect(first.quick?.blocks.map(({ language, text }) => [language, text])).toEqual([
      ['bash', 'cd singularity\nmix ecto.rollback --step 1'],
    ]);
    expect(first.overview.map(({ title }) => title)).toEqual([
      '1. Restores detection_events from codebase_snapshots',
      '2. Restores git_sessions from git_agent_sessions',
      '3. Restores technology_knowledge from split tables',
    ]);
    expect(first.prerequisites?.blocks[0]?.text).toContain('psql singularity_dev');
    expect(first.escalation?.text).toContain('1. Stop all writes to database');
    expect(first.escalation?.blocks.map(({ language }) => language)).toEqual(['bash', 'bash', 'sql', 'bash']);
    expect(first.related?.text).toContain('- Summary: SCHEMA_ALIGNMENT_SUMMARY.md');
  });

  it('has four steps, each with its SQL at its line', async () => {
    const lines = (await readFile(FIRST, 'utf8')).split('\n');
    expect(first.steps.map(({ id, number, title }) => [id, number, title])).toEqual([
      ['step-1', 1, 'Restore detection_events'],
      ['step-2', 2, 'Restore git_sessions'],
      ['step-3', 3, 'Restore technology_knowledge'],
      ['step-4', 4, 'Remove migration record'],
    ]);
    for (const { blocks, line, title } of first.steps) {
      expect(lines[line - 1]).toContain(title);
      expect(blocks).toHaveLength(1);
      expect(lines[(blocks[0]?.line ?? 0) - 1]).toBe(blocks[0]?.text.split('\n')[0]);
      expect(lines[(blocks[0]?.line ?? 0) - 2]).toBe('```sql');
    }
  });

  it('expects three tables, six absences, seven indexes and two queries', () => {
    expect(named(first, 'table')).toEqual([
      'detection_events',
      'git_sessions',
      'technology_knowledge',
      'no codebase_snapshots',
      'no git_agent_sessions',
      'no git_pending_merges',
      'no git_merge_history',
      'no technology_templates',
      'no technology_patterns',
    ]);
    expect(named(first, 'index')).toEqual([
      'detection_events_event_type_index',
      'detection_events_detector_index',
      'detection_events_inserted_at_index',
      'git_sessions_session_type_index',
      'git_sessions_status_index',
      'technology_knowledge_technology_category_index',
      'technology_knowledge_name_index',
    ]);
    expect(queries(first).map(({ title, expect: wanted }) => [title, wanted])).toEqual([
      ['Check row counts match', undefined],
      ['Check for NULL values in required fields', undefined],
    ]);
    expect(queries(first)[1]?.sql).toMatch(
      /^SELECT 'detection_events - NULL event_type'[^;]*session_type IS NULL$/,
    );
  });

  it('weighs four criteria on each side', () => {
    expect(first.criteria.map(({ supports, text }) => [supports, text])).toEqual([
      ['rollback', 'Migration ran within last few hours'],
      ['rollback', 'No production data created with new schema'],
      ['rollback', 'Application not yet deployed with new schema'],
      ['rollback', "Simple schema issue that's easier to fix and re-migrate"],
      ['fix-forward', 'Migration ran days/weeks ago'],
      ['fix-forward', 'Production data exists in new schema'],
      ['fix-forward', 'Application already deployed and running'],
      ['fix-forward', 'Rolling back would cause more disruption than fixing'],
    ]);
    expect(first.criteria.some(({ query }) => query)).toBe(false);
  });

  it('knows four troubles, each with its cause and what to do', () => {
    expect(first.troubleshooting.map(({ title, blocks }) => [title, blocks.length])).toEqual([
      ['Rollback fails with "table does not exist"', 1],
      ['Data loss after rollback', 2],
      ['Foreign key constraint violations', 1],
      ['Application errors after rollback', 1],
    ]);
    const [, , , errors] = first.troubleshooting;
    expect(errors?.cause).toBe('Code expects new schema, but tables rolled back to old schema.');
    expect(errors?.solution).toBe(
      "You must update schema files to match old table names:\n\nBetter solution: Don't rollback - fix migration issues forward.",
    );
  });

  it('has six checklist items, one of them a command', () => {
    expect(first.checklist).toHaveLength(6);
    expect(first.checklist.flatMap(({ command }) => command ?? [])).toEqual(['mix test']);
    expect(first.checklist[1]?.text).toBe('Run test suite: mix test');
  });
});

describe('the shipped runbook', () => {
  it('has every section of the first edition, and the section on differences', async () => {
    const shipped = await readRunbook(SHIPPED);
    expect(shipped.unrecognised).toEqual([]);
    expect(shipped.migration).toEqual(first.migration);
    expect(shipped.overview.map(({ title }) => title)).toEqual(first.overview.map(({ title }) => title));
    expect(shipped.steps.map(({ title }) => title)).toEqual(first.steps.map(({ title }) => title));
    expect(shipped.criteria.map(({ text }) => text)).toEqual(first.criteria.map(({ text }) => text));
    expect(shipped.checklist.map(({ text }) => text)).toEqual(first.checklist.map(({ text }) => text));
    expect(named(shipped, 'table')).toEqual(named(first, 'table'));
    expect(named(shipped, 'index')).toEqual(named(first, 'index'));
    const titles = shipped.troubleshooting.map(({ title }) => title);
    expect(titles).toEqual(expect.arrayContaining(first.troubleshooting.map(({ title }) => title)));
    expect(shipped.differences?.text).toMatch(/^The first edition.*14\. /s);
    expect(shipped.quick && shipped.prerequisites && shipped.escalation && shipped.related).not.toBeNull();
  });

  it('gathers evidence for five criteria and leaves three to the operator', async () => {
    const shipped = await readRunbook(SHIPPED);
    expect(shipped.criteria.filter(({ query }) => query).map(({ id }) => id)).toEqual([
      'ran-recently',
      'nothing-written-since',
      'ran-long-ago',
      'new-schema-holds-data',
      'application-running',
    ]);
    expect(shipped.stateChecks).toHaveLength(5);
    for (const { words, expect: wanted, sql } of shipped.stateChecks) {
      expect([words.length > 80, wanted === '', sql.endsWith(';')]).toEqual([true, false, false]);
    }
  });
});

describe('runbooks of other teams', () => {
  const other = [
    '\uFEFF# Take back 20240607080910_add_orders',
    '## Pre-flight',
    'The table must be empty.',
    '```sql check="Orders are empty" expect=0',
    'SELECT count(*) FROM orders;',
    '```',
    '## Rollback steps',
    '#### Step 1 - Drop it',
    '> careful',
    '',
    '~~~SQL',
    'DROP TABLE orders;',
    '~~~',
    '#### Step 1. Record',
    '    SELECT 1;',
    '## Post-rollback verification',
    '```sql expect="a b"',
    "SELECT 'x;y', -- not; here",
    "  $q$;$q$, E'\\';', \"a;b\" /* ; */;",
    '-- second',
    'SELECT 2',
    '```',
    '```psql',
    '\\d+ customers',
    '\\di customers_name_index',
    '\\dt app.*',
    '```',
    '## When to roll back or fix forward',
    '**Roll back when**',
    '- It is Friday',
    '',
    '```sql evidence',
    'SELECT true, now()::text',
    '```',
    '- It is Friday',
    '',
    '**Fix forward when**',
    '1. Orders came in',
    '## Common problems',
    '### Problem 1: Locked',
    'Somebody is in.',
    '## Follow-up',
    '- [x] Tell everybody',
    '- [ ] Restart',
    '  ```sh',
    '  systemctl restart orders',
    '  ```',
    '## Weather',
    'Sunny.',
    '',
  ].join('\r\n');
  const runbook = parseRunbook(other, '/x/orders.md');

  it('are read by what their headings mean, with CRLF and a byte order mark', () => {
    expect(runbook.migration).toEqual({ version: '20240607080910', name: 'add_orders' });
    expect(runbook.unrecognised.map(({ title }) => title)).toEqual(['Weather']);
    expect(runbook.stateChecks).toEqual([
      {
        id: 'orders-are-empty',
        title: 'Orders are empty',
        sql: 'SELECT count(*) FROM orders',
        expect: '0',
        words: 'The table must be empty.',
        line: 5,
      },
    ]);
    expect(runbook.checklist.map(({ text, command }) => [text, command])).toEqual([
      ['Tell everybody', undefined],
      ['Restart', 'systemctl restart orders'],
    ]);
    expect(runbook.troubleshooting.map(({ title, solution }) => [title, solution])).toEqual([
      ['Locked', 'Somebody is in.'],
    ]);
  });

  it('number their steps by their place', () => {
    expect(
      runbook.steps.map(({ id, number, title, blocks }) => [id, number, title, blocks[0]?.line]),
    ).toEqual([
      ['step-1', 1, 'Drop it', 12],
      ['step-2', 1, 'Record', 15],
    ]);
    expect(runbook.steps[0]?.words).toBe('careful');
    expect(runbook.steps[0]?.blocks[0]).toMatchObject({ language: 'sql', text: 'DROP TABLE orders;' });
  });

  it('cut queries only where a semicolon ends one', () => {
    expect(
      queries(runbook).map(({ title, sql, expect: wanted, line }) => [
        title,
        sql.split('\n').length,
        wanted,
        line,
      ]),
    ).toEqual([
      ['Post-rollback verification', 2, 'a b', 18],
      ['second', 1, 'a b', 21],
    ]);
    expect(named(runbook, 'table')).toEqual(['customers']);
    expect(named(runbook, 'index')).toEqual(['customers_name_index']);
  });

  it('attach evidence after a bullet to it, and keep ids apart', () => {
    expect(runbook.criteria.map(({ id, supports, query }) => [id, supports, query?.text])).toEqual([
      ['it-is-friday', 'rollback', 'SELECT true, now()::text'],
      ['it-is-friday-2', 'rollback', undefined],
      ['orders-came-in', 'fix-forward', undefined],
    ]);
  });

  it('have no migration when none is named', () => {
    expect(parseRunbook('# A\n## Step 1: x\n', 'a.md').migration).toBeNull();
    expect(parseRunbook('# A\n', '/r/20250101000014.md').migration).toEqual({
      version: '20250101000014',
      name: '',
    });
    expect(parseRunbook('For Migration: 20250101\n', 'a.md').migration).toEqual({
      version: '20250101',
      name: '',
    });
  });
});

describe('a file that is no runbook', () => {
  it.each([
    ['is not there', null, /There is no such file/],
    ['is no text', Buffer.from([0x50, 0xff, 0xfe]), /is not UTF-8 text/],
    ['has no steps', Buffer.from('# Notes\n\nNothing to do.\n'), /has no steps/],
    ['has a step without SQL', Buffer.from('## Step 1: Wait\n\nWait.\n'), /line 1: "Wait" has no SQL/],
  ])('%s: exit status 65, and the message says so', async (_what, bytes, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'backout-runbook-'));
    try {
      const path = join(folder, 'runbook.md');
      if (bytes) await writeFile(path, bytes);
      const error = await readRunbook(path).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(UserError);
      expect(error).toMatchObject({ exitStatus: 65, message: expect.stringMatching(message) });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
