/** Values that a runbook leaves open: what psql would replace and nothing else, quoted as psql does, asked for by name. */
import { beforeAll, describe, expect, test } from 'vitest';
import { checkValues, MissingValues, whyNotValue } from '../../../src/runbook/values/check.ts';
import { openIn } from '../../../src/runbook/values/scan.ts';
import { looksSecret } from '../../../src/runbook/values/secret.ts';
import type { Values } from '../../../src/runbook/values/types.ts';
import { parseRunbook } from '../../../src/runbook/read.ts';
import { lintRunbook } from '../../../src/runbook/lint.ts';
import { loadParser } from '../../../src/sql/parse.ts';
import { planOf } from '../../../src/sql/plan.ts';

beforeAll(loadParser);

const document = (sql: string, more = ''): string =>
  `# Back\n\n## Step 1: Try\n\n\`\`\`sql\n${sql}\n\`\`\`\n${more}`;
const read = (sql: string, values: Values = {}, more = '') =>
  parseRunbook(document(sql, more), 'r.md', { values });
const sqlOf = (sql: string, values: Values): string => read(sql, values).steps[0]?.blocks[0]?.text ?? '';

describe('what is open in SQL', () => {
  test.each([
    ['SELECT :tenant', ['tenant raw']],
    ['SELECT :\'tenant\', :"tenant"', ['tenant literal', 'tenant identifier']],
    ['SELECT a::text, a :: int, b:=1', []],
    ['SELECT a[1:2], a[lo:hi], :x', ['x raw']],
    ["SELECT ':a', E'\\':b', \":c\", $$ :d $$, $t$ :e $t$", []],
    ['-- :a\nSELECT /* :b /* :c */ :d */ 1', []],
    ["SELECT '12:30', now()::time", []],
    ['DELETE FROM t WHERE r = <release> AND c = <tenant id>', ['release raw', 'tenant id raw']],
    ['SELECT a <b AND c> d, a < b, a <> b, a<b', []],
    ["UPDATE t SET a = '<release>', h = '<b>', i = 'see <b>this</b>'", ['release in-string']],
    ["COPY t FROM '/path/to/rows.csv'", ['/path/to/rows.csv in-string']],
    ['DROP TABLE "<name>"', ['name in-name']],
    ['SELECT {{ tenant }}, ${REGION}, YOUR_NAME, $1', ['tenant raw', 'REGION raw', 'YOUR_NAME raw']],
    ['\\dt :prefix\n\\echo at 10:30 :"done"', ['prefix raw', 'done identifier']],
  ])('%s', (sql, found) => {
    const places = openIn(sql).flatMap((one) => (one.kind === 'open' ? [one] : one.open));
    expect(places.map(({ name, manner }) => `${name} ${manner}`)).toEqual(found);
    for (const { from, to, written } of places) expect(sql.slice(from, to)).toBe(written);
  });
});

describe('a value', () => {
  test('is quoted as psql does', () => {
    const sql = `SELECT :n, :'s', :"s", '<v>', E'<v>', "<v>"`;
    expect(sqlOf(sql, { n: '1 + 2', s: `it's "x"`, v: `it's "x"` })).toBe(
      `SELECT 1 + 2, 'it''s "x"', "it's ""x""", 'it''s "x"', E'it''s "x"', "it's ""x"""`,
    );
    expect(sqlOf("SELECT :'r', E'<r>'", { r: 'a\\b' })).toBe("SELECT  E'a\\\\b', E'a\\\\b'");
  });

  test('goes into everything that is run or asked, and leaves what is only shown', () => {
    const more = `
\`\`\`sql example
SELECT :only_shown
\`\`\`

## Verification

\`\`\`sql expect="0"
SELECT count(*) FROM t WHERE tenant = :'tenant'
\`\`\`

## Troubleshooting

### It fails

\`\`\`sql
SELECT * FROM t WHERE tenant = :other
\`\`\`
`;
    const runbook = read("DELETE FROM t WHERE tenant = :'tenant'", { tenant: 'a' }, more);
    expect(runbook.expectations).toMatchObject([
      { sql: "SELECT count(*) FROM t WHERE tenant = 'a'", line: 16 },
    ]);
    expect(runbook.troubleshooting[0]?.blocks[0]?.text).toContain(':other');
    expect(runbook.values).toMatchObject({
      missing: [],
      given: [{ name: 'tenant', value: 'a', line: 6 }],
      names: ['tenant'],
    });
  });

  test('is part of the plan, so of its hash, and of the sha256 of the file it is not', () => {
    const one = read('DELETE FROM t WHERE a = :n', { n: '1' });
    const other = read('DELETE FROM t WHERE a = :n', { n: '2' });
    expect(planOf(one).hash).not.toBe(planOf(other).hash);
    expect(one.sha256).toBe(other.sha256);
    expect(one.sha256).toBe(parseRunbook(document('DELETE FROM t WHERE a = :n'), 'r.md').sha256);
  });

  test('that the document sets itself is not asked for, from there on', () => {
    const sql = "SELECT :n;\n\\set n 'it''s'\n\\set m :n\nSELECT :'n', :m";
    const { values, steps } = read(sql);
    expect(values?.missing).toMatchObject([{ name: 'n', lines: [6], written: ':n', excerpt: 'SELECT :n;' }]);
    expect(steps[0]?.blocks[0]?.text).toContain("SELECT 'it''s', it's");
    expect(values?.own).toEqual([
      ['n', 7],
      ['m', 8],
    ]);
  });

  test('may be given for a command beforehand, as one word of the shell', () => {
    const more = '\n## Checklist\n\n- [ ] Run this\n\n  ```bash\n  restore /path/to/x.dump $APP\n  ```\n';
    const runbook = read('SELECT 1', { '/path/to/x.dump': '/b/my x', APP: 'web' }, more);
    expect(runbook.checklist[0]?.command).toBe("restore '/b/my x' web");
    expect(read('SELECT 1', {}, more).values).toMatchObject({
      missing: [],
      names: ['/path/to/x.dump', 'APP'],
    });
  });
});

describe('what was given', () => {
  test('is missing: all of it is named, with its lines and how it is given', () => {
    const runbook = read("SELECT :n, :'db_password', <a b>;\nSELECT :n");
    const missing = (): void => checkValues(runbook, {}, 'r.md');
    expect(missing).toThrow(MissingValues);
    expect(missing).toThrow(
      expect.objectContaining({
        exitStatus: 64,
        message: "r.md leaves open :n (lines 6, 7), :'db_password' (line 6), <a b> (line 6).",
        advice:
          "Nothing was run. Give each: --set n=VALUE BACKOUT_SET_DB_PASSWORD in the environment --set 'a b=VALUE'.",
      }),
    );
  });

  test('is of no use: a name that is not there, or that the document sets', () => {
    expect(() => checkValues(read('SELECT :n', { n: '1', m: '2' }), { n: '1', m: '2' }, 'r.md')).toThrow(
      /--set m: nothing in r.md is called so/,
    );
    expect(() => checkValues(read('\\set n 1\nSELECT :n'), { n: '1' }, 'r.md')).toThrow(/\\set in line 6/);
  });

  test('is one line, and a secret can be told from other text', () => {
    expect(whyNotValue('a\nb', false)).toMatch(/one line/);
    expect(whyNotValue('```', false)).toMatch(/code block/);
    expect(whyNotValue('abc', true)).toMatch(/fewer than 4/);
    expect(whyNotValue('abcd', true)).toBeNull();
    expect(['db_password', 'apiKey', 'API_TOKEN', 'key', 'secret'].every(looksSecret)).toBe(true);
    expect(['keyboard', 'monkey', 'tenant', 'passenger'].some(looksSecret)).toBe(false);
  });

  test('lint names what is asked for, and reads the SQL all the same', () => {
    const known = { values: {}, instead: (name: string) => name };
    const runbook = parseRunbook(document("DELETE FROM t WHERE a = :'n' AND b = <m>;"), 'r.md', known);
    const { findings } = lintRunbook(runbook, planOf(runbook));
    expect(findings.filter(({ rule }) => rule === 'value-asked')).toMatchObject([
      { line: 6, severity: 'note' },
      { line: 6, severity: 'note' },
    ]);
    expect(findings.some(({ rule }) => rule === 'sql-syntax')).toBe(false);
  });
});
