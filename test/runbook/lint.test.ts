import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { lintRunbook, renderLint, type LintReport } from '../../src/runbook/lint.ts';
import { parseRunbook, readRunbook } from '../../src/runbook/read.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';
import { SHIPPED } from './shipped.ts';

const FIRST = 'test/fixtures/ROLLBACK_PROCEDURE.md';

beforeAll(loadParser);

function lintText(text: string): LintReport {
  const runbook = parseRunbook(text, 'r.md');
  return lintRunbook(runbook, planOf(runbook));
}

const step = (sql: string): string => `# R\n## Step 1: Do\n\`\`\`sql\n${sql}\n\`\`\`\n`;
const rules = (report: LintReport): string[] => report.findings.map(({ rule, line }) => `${rule} ${line}`);

describe('lint of the first edition', () => {
  const linesOf = async (): Promise<Map<string, string[]>> => {
    const text = (await readFile(FIRST, 'utf8')).split('\n');
    const found = new Map<string, string[]>();
    for (const { rule, line } of lintRunbook(await readRunbook(FIRST), planOf(await readRunbook(FIRST)))
      .findings) {
      found.set(rule, [...(found.get(rule) ?? []), text[line - 1]?.trim() ?? '']);
    }
    return found;
  };

  it('finds what facts say is wrong with it, each at its line', async () => {
    const found = await linesOf();
    expect(found.get('unnamed-migration')).toEqual(['mix ecto.rollback --step 1']);
    expect(found.get('dropdb')).toEqual(['dropdb singularity_dev']);
    expect(found.get('dropped-unread')).toContain('DROP TABLE technology_templates;');
    expect(found.get('dropped-unread')).toContain('DROP TABLE IF EXISTS git_merge_history;');
    expect(found.get('destructive')).toContain('DROP TABLE technology_patterns;');
    expect(found.get('invented-value')).toContain(
      "UPDATE detection_events SET event_type = 'unknown' WHERE event_type IS NULL;",
    );
    expect(found.get('invented-value')?.filter((line) => line === 'UPDATE detection_events')).toHaveLength(3);
    expect(found.get('counts-without-baseline')).toEqual([
      "SELECT 'detection_events' AS table_name, COUNT(*) FROM detection_events",
    ]);
    expect(found.get('placeholder')).toHaveLength(2);
    expect(found.has('sql-syntax') || found.has('not-understood') || found.has('section-missing')).toBe(
      false,
    );
  });
});

describe("lint of a migration tool's file", () => {
  it('says nothing of a document, or of pasting it: its statements alone', () => {
    const read = parseRunbook(step('DROP TABLE a;'), 'down.sql');
    const bookkeeping = {
      tool: 'dbmate',
      table: 'schema_migrations',
      column: 'version',
      version: '1',
      single: false,
      lock: null,
    };
    const report = lintRunbook({ ...read, bookkeeping }, planOf(read));
    expect(report.recognised).toEqual([{ part: 'steps', count: 1, line: 2 }]);
    expect(rules(report)).toEqual(['dropped-unread 4']);
    expect(renderLint(report)).not.toContain('none\n');
  });
});

describe('lint of the shipped runbook', () => {
  it("finds no error, and none of the first edition's defects", async () => {
    const runbook = await readRunbook(SHIPPED);
    const report = lintRunbook(runbook, planOf(runbook));
    const found = new Set(report.findings.map(({ rule }) => rule));
    expect([...found].sort()).toEqual([
      'destructive',
      'dropped-unread',
      'invented-value',
      'lock',
      'may-fail',
      'no-lock-timeout',
      'no-transaction',
      'placeholder',
      'query-without-expect',
      'restore-unchecked',
      'sql-in-shell',
      'stops-when-run-again',
    ]);
    const unread = report.findings
      .filter(({ rule }) => rule === 'dropped-unread')
      .map(({ message }) => message);
    expect(unread.join('\n')).not.toMatch(/technology_templates|technology_patterns|\.meta\b/);
    expect(report.schema).toBe('backout.lint/1');
    expect(report.runbook.migration).toBe('20250101000014');
    expect(report.recognised.filter(({ count }) => count === 0)).toEqual([]);
  });
});

describe('single rules', () => {
  it('shows where SQL stops being SQL, in steps, checks, evidence and verification', () => {
    const text = [
      '## Prerequisites',
      '```sql check="one" expect="1"',
      'SELECT 1 +',
      '```',
      '## Step 1: Do',
      '```sql',
      'SELECT 1;',
      'SELEC 2;',
      '```',
      '## When to rollback',
      '### Rollback if',
      '- it is bad',
      '  ```sql evidence',
      '  SELECT FROM WHERE',
      '  ```',
      '## Verification',
      '```sql',
      'SELECT )',
      '```',
    ].join('\n');
    const errors = lintRunbook(parseRunbook(text, 'r.md'), null).findings.filter(
      ({ rule }) => rule === 'sql-syntax',
    );
    expect(errors.map(({ line, severity }) => [line, severity])).toEqual([
      [3, 'error'],
      [8, 'error'],
      [14, 'error'],
      [18, 'error'],
    ]);
    expect(errors[1]?.message).toMatch(/^Step 1 is not valid SQL: .*\nSELEC 2;\n\^$/);
    expect(errors[2]?.message).toMatch(/\nSELECT FROM WHERE\n {12}\^$/);
  });

  it.each([
    ['DROP TABLE a;', ['dropped-unread 4']],
    ['INSERT INTO b (x) SELECT x FROM a;\nDROP TABLE a;', ['destructive 5']],
    ['ALTER TABLE a DROP COLUMN c;', ['dropped-unread 4']],
    ['UPDATE a SET d = c;\nALTER TABLE a DROP COLUMN c;', ['destructive 5']],
    ['UPDATE a SET c = lower(c);\nALTER TABLE a DROP COLUMN c;', ['dropped-unread 5']],
    ['DELETE FROM a;', ['destructive 4']],
    ['DELETE FROM a WHERE b = 1;', ['destructive 4']],
    ["UPDATE a SET c = COALESCE(d, 'x'::text);", ['invented-value 4']],
    ['UPDATE a SET c = COALESCE(d, e);', []],
    ["UPDATE a SET c = 'x' WHERE c IS NULL;", ['invented-value 4']],
    ["UPDATE a SET c = 'x' WHERE d IS NULL;", []],
    ['INSERT INTO a (c) SELECT COALESCE(d, 0) FROM b;', ['invented-value 4']],
    ['CREATE INDEX i ON a (b);', ['lock 4']],
    ['ALTER TABLE a ALTER COLUMN b SET NOT NULL;', ['lock 4']],
    ['ALTER TABLE a ALTER COLUMN b TYPE text;', ['lock 4']],
    ['DO $$ BEGIN PERFORM f(); END $$;', ['not-understood 4']],
  ])('%s', (sql, wanted) => {
    const about = /^(dropped-unread|destructive|invented-value|lock|not-understood) /;
    expect(rules(lintText(step(sql))).filter((rule) => about.test(rule))).toEqual(wanted);
  });

  it('misses the sections that an operator would miss', () => {
    const missing = lintText(step('SELECT 1;')).findings.filter(({ rule }) => rule === 'section-missing');
    expect(missing.map(({ message }) => message.replace(/:.*/, ''))).toEqual(
      [
        'prerequisites',
        'verification',
        'troubleshooting',
        'rollback or fix forward',
        'escalation',
        'checklist',
      ].map((part) => `There is no section on ${part}`),
    );
  });

  it('names what it did not recognise, steps out of order, and a version that no statement takes back', () => {
    const text = `# Migration 20240607080910_x\n## Weather\nSunny.\n## Step 2: Do\n\`\`\`sql\nSELECT 1;\n\`\`\`\n`;
    expect(rules(lintText(text))).toEqual(
      expect.arrayContaining(['section-not-recognised 2', 'step-number 4', 'version-not-named 6']),
    );
    const named = text.replace('SELECT 1', 'DELETE FROM schema_migrations WHERE version = 20240607080910');
    expect(rules(lintText(named)).join()).not.toContain('version-not-named');
  });

  it('wants a check to say what it expects', () => {
    const text = `## Prerequisites\n\`\`\`sql check="empty"\nSELECT count(*) FROM a\n\`\`\`\n${step('SELECT 1;')}`;
    expect(rules(lintText(text))).toContain('check-without-expect 3');
  });

  it.each([
    ['mix ecto.rollback -n 2', 'unnamed-migration'],
    ['rails db:rollback STEP=1', 'unnamed-migration'],
    ['alembic downgrade -1', 'unnamed-migration'],
    ['php artisan migrate:rollback', 'unnamed-migration'],
    ["psql -c 'DROP DATABASE x'", 'dropdb'],
    ['psql -h db.example.com', 'placeholder'],
  ])('reads the command %s', (command, rule) => {
    const text = `## Quick rollback\n\`\`\`sh\n# ${command}\n${command}\n\`\`\`\n${step('SELECT 1;')}`;
    expect(rules(lintText(text)).filter((found) => found.startsWith(rule))).toEqual([`${rule} 4`]);
  });

  it('leaves a command alone that names its version', () => {
    const text = `## Quick rollback\n\`\`\`sh\nmix ecto.rollback --to 20250101000014\n\`\`\`\n${step('SELECT 1;')}`;
    expect(rules(lintText(text)).join()).not.toContain('unnamed-migration');
  });
});

it('is rendered as lines that say where, how bad, which rule and what', () => {
  const text = renderLint(lintText(step('DROP TABLE a;')));
  expect(text).toMatch(/^R\nMigration: none named\n\nRecognised:\n/);
  expect(text).toContain(' steps: 1, from line 2\n');
  expect(text).toContain(
    '\nline 4: warning [dropped-unread] Table a is dropped, and no statement reads it first',
  );
  expect(text).toMatch(/\n0 errors, \d+ warnings, \d+ notes\.\n$/);
});
