/** Rules of lint, each met and each passed by. */
import { beforeAll, describe, expect, it } from 'vitest';
import { annotations } from '../../src/runbook/lint/annotations.ts';
import { lintRunbook, type LintReport } from '../../src/runbook/lint.ts';
import { parseRunbook } from '../../src/runbook/read.ts';
import { loadParser, SqlSyntaxError } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';
import type { Plan } from '../../src/sql/types.ts';
import type { Runbook } from '../../src/runbook/types.ts';

beforeAll(loadParser);

function draftPlan(runbook: Runbook): Plan | null {
  try {
    return planOf(runbook);
  } catch (error) {
    if (error instanceof SqlSyntaxError) return null;
    throw error;
  }
}

function lintText(text: string): LintReport {
  const runbook = parseRunbook(text, 'r.md');
  return lintRunbook(runbook, draftPlan(runbook));
}

const step = (sql: string): string => `# R\n## Step 1: Do\n\`\`\`sql\n${sql}\n\`\`\`\n`;
const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\`\n`;
const found = (text: string, rules: RegExp): string[] =>
  lintText(text)
    .findings.filter(({ rule }) => rules.test(rule))
    .map(({ rule, line, severity }) => `${severity} ${rule} ${line}`);

describe('statements that cannot run in a transaction', () => {
  it.each([
    ['REINDEX DATABASE d;', 'afterwards'],
    ['CLUSTER;', 'name the table'],
    ['CREATE DATABASE d;', 'work on the server'],
    ['DROP DATABASE d;', 'work on the server'],
    ['ALTER SYSTEM SET work_mem = 1;', 'work on the server'],
  ])('%s is refused', (sql, how) => {
    expect(found(step(sql), /^not-in-transaction$/)).toEqual(['error not-in-transaction 4']);
    const message = lintText(step(sql)).findings.find(({ rule }) => rule === 'not-in-transaction')?.message;
    expect(message).toContain(how);
  });

  it.each([
    ['CREATE INDEX CONCURRENTLY i ON a (b);', 'Without CONCURRENTLY'],
    ['DROP INDEX CONCURRENTLY i;', 'Without CONCURRENTLY'],
    ['REINDEX INDEX CONCURRENTLY i;', '_ccnew'],
    ['REINDEX (CONCURRENTLY) TABLE a;', '_ccnew'],
    ['VACUUM a;', 'trying again'],
    ['ALTER TABLE a DETACH PARTITION b CONCURRENTLY;', 'FINALIZE'],
  ])('%s is a part of its own', (sql, how) => {
    expect(found(step(sql), /^not-in-transaction$/)).toEqual(['warning not-in-transaction 4']);
    const message = lintText(step(sql)).findings.find(({ rule }) => rule === 'not-in-transaction')?.message;
    expect(message).toContain('outside of a transaction');
    expect(message).toContain(how);
  });

  it.each([
    ['ANALYZE a;'],
    ['REINDEX (CONCURRENTLY false) INDEX i;'],
    ['REINDEX INDEX i;'],
    ['CLUSTER a USING i;'],
    ['CREATE INDEX i ON a (b);'],
    ['ALTER TABLE a DETACH PARTITION b;'],
  ])('%s can', (sql) => expect(found(step(sql), /^not-in-transaction$/)).toEqual([]));

  it('transaction control, and a value of an enum that cannot be taken back', () => {
    expect(
      found(
        step("BEGIN;\nALTER TYPE t ADD VALUE 'x';\nCOMMIT;\nSELECT 1;"),
        /^(transaction-control|enum-value)$/,
      ),
    ).toEqual(['warning transaction-control 4', 'warning enum-value 5', 'warning transaction-control 6']);
    expect(found(step("ALTER TYPE t RENAME VALUE 'x' TO 'y';"), /^enum-value$/)).toEqual([]);
    // One BEGIN and one COMMIT around all of it say what a step is anyway.
    expect(found(step('BEGIN;\nDELETE FROM a;\nCOMMIT;'), /^(transaction-control|not-understood)$/)).toEqual(
      [],
    );
    expect(found(step('BEGIN;\nDELETE FROM a;\nROLLBACK;'), /^transaction-control$/)).toHaveLength(2);
  });
});

describe('steps that cannot be run again', () => {
  it.each([
    ['INSERT INTO a (x) SELECT y FROM b;', ['warning not-rerunnable 4']],
    ['INSERT INTO a (x) SELECT y FROM b WHERE NOT EXISTS (SELECT 1 FROM a WHERE a.x = b.y);', []],
    ['INSERT INTO a (x) VALUES (1) ON CONFLICT DO NOTHING;', []],
    ['CREATE TABLE a (x int);\nINSERT INTO a (x) SELECT y FROM b;', ['note stops-when-run-again 4']],
    [
      'CREATE TABLE IF NOT EXISTS a (x int);\nINSERT INTO a (x) SELECT y FROM b;',
      ['warning not-rerunnable 5'],
    ],
    ['UPDATE a SET n = n * 100;', ['warning not-rerunnable 4']],
    ['UPDATE a SET n = n * 100 WHERE unit IS NULL;', []],
    ['UPDATE a SET n = m;', []],
    ['DROP TABLE IF EXISTS a;\nDROP TABLE b;', ['note stops-when-run-again 5']],
    ['ALTER TABLE IF EXISTS a RENAME TO b;\nALTER INDEX IF EXISTS i RENAME TO j;', []],
    ['ALTER TABLE IF EXISTS a RENAME x TO y;', ['note stops-when-run-again 4']],
    ['ALTER TABLE IF EXISTS a ADD COLUMN x int;', ['note stops-when-run-again 4']],
  ])('%s', (sql, wanted) => {
    expect(found(step(sql), /^(not-rerunnable|stops-when-run-again)$/)).toEqual(wanted);
  });
});

describe('data destroyed', () => {
  it.each([
    ['TRUNCATE a, b;', ['warning destructive 4']],
    ['DELETE FROM a WHERE b;', ['note destructive 4']],
    ['DELETE FROM a WHERE b IN (SELECT c FROM d WHERE e);', ['note destructive 4']],
    ["DELETE FROM schema_migrations WHERE version = '1';", []],
    [
      'INSERT INTO c (x) SELECT x FROM a;\nDROP TABLE a CASCADE;',
      ['warning destructive 5', 'warning cascade 5'],
    ],
  ])('%s', (sql, wanted) => {
    expect(found(step(sql), /^(destructive|cascade)$/)).toEqual(wanted);
  });
});

describe('values that are not those of before', () => {
  const add = 'ALTER TABLE a ADD COLUMN c jsonb, ADD COLUMN k varchar(9);';
  it.each([
    [`${add}\nUPDATE a SET c = m;`, ['warning copy-for-original 5']],
    // The column it comes from goes: its content has moved.
    [`${add}\nUPDATE a SET c = m;\nALTER TABLE a DROP COLUMN m;`, []],
    // It was there before the step: nothing says that it ever held anything else.
    ['UPDATE a SET c = m;', []],
    [`${add}\nUPDATE a SET c = m;\nUPDATE a SET c = c - 'x' WHERE c ? 'x';`, []],
    [
      `${add}\nUPDATE a SET c = m, k = m->>'k';\nALTER TABLE a DROP COLUMN m;`,
      ['warning keys-kept 5', 'note may-fail 5'],
    ],
    [`${add}\nUPDATE a SET c = m - 'k', k = m->>'k';`, ['note may-fail 5']],
    ["UPDATE a SET n = (m->>'n')::int;", ['note may-fail 4']],
    ["UPDATE a SET n = m->>'n';", []],
    ['INSERT INTO a (x, y) SELECT p, p FROM b;', ['warning same-source 4']],
    ['INSERT INTO a (x, y) SELECT p, NULL FROM b;', ['warning left-empty 4']],
    ['INSERT INTO a (x, y) VALUES (1, NULL);', []],
    [
      'CREATE TABLE a (id uuid PRIMARY KEY, x text);\nINSERT INTO a (x) SELECT p FROM b;',
      ['warning new-keys 5'],
    ],
    ['CREATE TABLE a (id uuid PRIMARY KEY, x text);\nINSERT INTO a (id, x) SELECT id, p FROM b;', []],
  ])('%s', (sql, wanted) => {
    const about = /^(copy-for-original|keys-kept|same-source|left-empty|new-keys|may-fail)$/;
    expect(found(step(sql), about)).toEqual(wanted);
  });
});

describe('promises in prose', () => {
  const promising = (words: string, sql: string): string =>
    `# R\n## What the Rollback Does\n### a\n\n- ${words}\n\n${step(sql).replace('# R\n', '')}`;
  it.each([
    [
      'Merges data from `old` and `other`',
      'INSERT INTO a (x) SELECT x FROM old;\nDROP TABLE old;\nDROP TABLE other;',
      1,
    ],
    ['Merges data from `old`', 'INSERT INTO a (x) SELECT x FROM old;\nDROP TABLE old;', 0],
    ['Drops `other`', 'DROP TABLE other;', 0],
    ['Copies the rows of `others`', 'DROP TABLE other;', 0],
    ['Reverses all changes', 'DROP TABLE other;', 1],
    ['Reverses all changes', 'ALTER TABLE a ADD COLUMN c int;', 0],
    ['No data is lost', 'ALTER TABLE a DROP COLUMN c;', 1],
  ])('%s / %s: %i', (words, sql, times) => {
    expect(found(promising(words, sql), /^promise-not-kept$/)).toEqual(
      Array.from({ length: times }, () => 'warning promise-not-kept 5'),
    );
  });
});

describe('what is pasted, copied, or called', () => {
  it('no lock_timeout and no transaction are told, unless there is one', () => {
    const sql = 'ALTER TABLE a DROP COLUMN c;\nALTER TABLE a DROP COLUMN d;';
    const about = /^(no-lock-timeout|no-transaction)$/;
    expect(found(step(sql), about)).toEqual(['note no-lock-timeout 4', 'note no-transaction 4']);
    expect(found(step(`BEGIN;\nSET lock_timeout = '2s';\n${sql}\nCOMMIT;`), about)).toEqual([]);
    expect(found(step('SELECT 1;\nSELECT 2;'), about)).toEqual([]);
  });

  it('a foreign key that troubleshooting drops is missed, unless something puts it back', () => {
    const drop = 'ALTER TABLE a DROP CONSTRAINT k;';
    const text = (more: string): string =>
      `${step('SELECT 1;')}## Troubleshooting\n### Issue: Key\n${fence('sql', drop + more)}`;
    expect(found(text(''), /^constraint-not-put-back$/)).toEqual(['warning constraint-not-put-back 9']);
    const back = '\nALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (b) REFERENCES c;';
    expect(found(text(back), /^constraint-not-put-back$/)).toEqual([]);
  });

  it.each([
    ['pg_restore -d x b.dump', 1],
    ['pg_restore --exit-on-error -d x b.dump', 1],
    ['pg_restore --list b.dump\npg_restore --exit-on-error -d x b.dump', 0],
    ['createdb y\npg_restore --exit-on-error -d y b.dump', 0],
    ['dropdb x\ncreatedb x\npg_restore --exit-on-error -d x b.dump', 1],
  ])('restoring: %s', (command, times) => {
    const text = `${step('SELECT 1;')}## Escalation\nCall +49 30 1234567.\n${fence('bash', command)}`;
    expect(found(text, /^restore-unchecked$/)).toHaveLength(times);
  });

  it.each([
    ['Ask somebody.', 1],
    ['Ada Lovelace, +44 20 7946 0000', 0],
    ['dba@orders.test', 0],
    ['The channel #db-oncall', 0],
  ])('escalation: %s', (words, times) => {
    expect(found(`${step('SELECT 1;')}## Escalation\n${words}\n`, /^nobody-named$/)).toHaveLength(times);
  });

  it('SQL among shell commands, but not in a here document', () => {
    const text = (command: string): string =>
      `## Prerequisites\n${fence('bash', command)}${step('SELECT 1;')}`;
    expect(found(text('psql d\nSELECT 1;'), /^sql-in-shell$/)).toEqual(['warning sql-in-shell 4']);
    expect(found(text('psql d <<EOF\nSELECT 1;\nEOF'), /^sql-in-shell$/)).toEqual([]);
  });
});

describe('blocks', () => {
  it('psql commands that do more than show, blocks without a language, commands in a step', () => {
    const text = `# R\n## Step 1: Do\n${fence('sql', "SELECT 1;\n\\copy a FROM 'x'\n\\dt\n\\du")}${fence('', 'DROP TABLE a;')}${fence('bash', 'systemctl stop app')}`;
    expect(found(text, /^(meta-command|block-without-language|command-in-step)$/)).toEqual([
      'error meta-command 5',
      'note meta-command 7',
      'warning block-without-language 10',
      'note command-in-step 13',
    ]);
  });

  it('psql commands in the verification that are not carried out', () => {
    const text = `${step('SELECT 1;')}## Verification\n${fence('sql', '\\dt a\n\\copy a TO b')}`;
    expect(found(text, /^meta-command$/)).toEqual(['warning meta-command 9']);
  });

  it('a verification that could not fail', () => {
    const text = (info: string): string =>
      `${step('SELECT 1;')}## Verification\n${fence(`sql${info}`, 'SELECT count(*) FROM a;')}`;
    expect(found(text(''), /^verification-expects-nothing$/)).toEqual([
      'warning verification-expects-nothing 8',
    ]);
    expect(found(text(' expect=0'), /^verification-expects-nothing$/)).toEqual([]);
  });
});

it('annotations of GitHub stand at their lines, one a line, without the notes', () => {
  const text = annotations(lintText(step('SELEC 1;\nCREATE INDEX i ON a (b);')), 'docs/a,b.md');
  const lines = text.split('\n');
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^::error file=docs\/a%2Cb\.md,line=4,title=backout%3A sql-syntax::Step 1 .*%0ASELEC 1;%0A\^$/,
    ),
  );
  expect(lines).toContainEqual(expect.stringContaining('line=1,title=backout%3A section-missing::'));
  expect(text).not.toContain('::notice');
});
