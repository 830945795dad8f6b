/** psql's backslash commands: which are answered, honoured, left out, refused; their patterns; their place in a step. */
import { beforeAll, describe, expect, test } from 'vitest';
import { splitMetaCommands } from '../../../src/sql/parse-meta.ts';
import { loadParser } from '../../../src/sql/parse.ts';
import { planOf, refusedMeta } from '../../../src/sql/plan.ts';
import { psqlCommand } from '../../../src/sql/psql/command.ts';
import { patternOf } from '../../../src/sql/psql/pattern.ts';
import { parseRunbook } from '../../../src/runbook/read.ts';

beforeAll(loadParser);

const step = (sql: string) => parseRunbook(`# R\n\n## Step 1: Try\n\n\`\`\`sql\n${sql}\n\`\`\`\n`, 'r.md');

describe('a command of psql', () => {
  test.each([
    ['\\dt', { kind: 'relations', relkinds: 'rp', pattern: null, system: false, verbose: false }],
    ['\\dtS+ orders;', { kind: 'relations', relkinds: 'rp', pattern: 'orders', system: true, verbose: true }],
    ['\\div a*', { kind: 'relations', relkinds: 'iIv', pattern: 'a*' }],
    ['\\d', { kind: 'relations', relkinds: 'rpvmSf' }],
    ['\\d+ "My Table"', { kind: 'describe', pattern: '"My Table"', verbose: true }],
    ['\\l', { kind: 'databases' }],
    ['\\dn app', { kind: 'schemas', pattern: 'app' }],
    ['\\df', { kind: 'functions' }],
    ["\\echo  'a  b'   c", { kind: 'echo', says: 'a  b c' }],
    ['\\x', { kind: 'expanded', on: null }],
    ['\\x off', { kind: 'expanded', on: false }],
    ['\\set tenant 42', { kind: 'set', name: 'tenant', value: '42' }],
    ["\\set note 'it''s' here", { kind: 'set', name: 'note', value: "it'shere" }],
    ['\\set ON_ERROR_STOP on', { kind: 'left-out' }],
    ['\\du', { kind: 'left-out' }],
    ['\\timing', { kind: 'left-out' }],
    ['\\copy t from f', { kind: 'refused', name: '\\copy' }],
    ['\\i other.sql', { kind: 'refused', name: '\\i' }],
    ['\\gexec', { kind: 'refused', name: '\\gexec' }],
    ['\\! rm x', { kind: 'refused', name: '\\!' }],
    ['\\q', { kind: 'refused', name: '\\q' }],
    ['\\set n `date`', { kind: 'refused', name: '\\set' }],
  ])('%s', (text, read) => {
    expect(psqlCommand(text)).toMatchObject(read);
  });

  test('that is refused says what to do instead', () => {
    const texts = ['\\copy a', '\\i a', '\\c a', '\\gset', '\\if a', '\\!ls', '\\nothing'];
    for (const text of texts) {
      const read = psqlCommand(text);
      expect(read.kind === 'refused' && read.what, text).toMatch(/^[A-Z].+\.$/);
    }
  });
});

describe('a pattern', () => {
  test.each([
    ['orders', null, '^(orders)$'],
    ['Orders*', null, '^(orders.*)$'],
    ['app.o?ders', '^(app)$', '^(o.ders)$'],
    ['"My.Table"', null, '^(My\\.Table)$'],
    ['"a""b"', null, '^(a"b)$'],
    ['cost$', null, '^(cost\\$)$'],
    ['app.*', '^(app)$', '^(.*)$'],
    ['db.app.t', '^(app)$', '^(t)$'],
  ])('%s', (pattern, schema, name) => {
    expect(patternOf(pattern)).toEqual({ schema, name });
  });
});

describe('commands among SQL', () => {
  test('are found behind a statement, several on a line, and not in a string', () => {
    const { sql, meta } = splitMetaCommands("SELECT 1; \\dt a \\di b\nSELECT 'a\\b' \\gset\n");
    expect(sql).toBe("SELECT 1;\nSELECT 'a\\b'\n");
    expect(meta).toEqual([
      { line: 1, text: '\\dt a', behind: true },
      { line: 1, text: '\\di b', behind: true },
      { line: 2, text: '\\gset', behind: true },
    ]);
    expect(refusedMeta('SELECT 1 \\gset')).toMatchObject([{ line: 1, text: '\\gset' }]);
  });

  test('have their place behind the statement that they follow, and are part of the plan', () => {
    const runbook = step('\\dt\nSELECT 1;\nSELECT 2; \\x\n\\d t\n\\du\nSELECT 3;\n\\echo done');
    const plan = planOf(runbook);
    expect(plan.steps[0]?.looks).toEqual([
      { text: '\\dt', line: 6, after: 0, expanded: false },
      { text: '\\d t', line: 9, after: 2, expanded: true },
      { text: '\\echo done', line: 12, after: 3, expanded: true },
    ]);
    const other = planOf(step('\\dt a\nSELECT 1;\nSELECT 2; \\x\n\\d t\n\\du\nSELECT 3;\n\\echo done'));
    expect(other.hash).not.toBe(plan.hash);
  });

  test('that do something refuse the runbook, with their line and what to do', () => {
    expect(() => planOf(step('SELECT 1;\n\\i more.sql'))).toThrow(
      expect.objectContaining({ line: 7, message: expect.stringContaining('\\i is a command of psql') }),
    );
  });
});
