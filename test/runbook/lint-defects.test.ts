/** The user's document, verbatim: what is wrong with it is found by lint, each defect at its line. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { lintRunbook, type Finding } from '../../src/runbook/lint.ts';
import { readRunbook } from '../../src/runbook/read.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';

const FIRST = 'test/fixtures/ROLLBACK_PROCEDURE.md';
let findings: Finding[];
let lines: string[];

beforeAll(async () => {
  await loadParser();
  const runbook = await readRunbook(FIRST);
  findings = lintRunbook(runbook, planOf(runbook)).findings;
  lines = (await readFile(FIRST, 'utf8')).split('\n');
});

/** [defect of the document, rule, the line it stands at, what the message says] */
const DEFECTS: readonly [string, string, string, RegExp][] = [
  [
    '1 says that templates are merged, and drops them unread',
    'promise-not-kept',
    '- Merges data from',
    /technology_templates/,
  ],
  ['1 drops them', 'dropped-unread', 'DROP TABLE technology_templates;', /exist nowhere/],
  [
    '2 restores name and technology from one column',
    'same-source',
    'INSERT INTO technology_knowledge (',
    /technology and name .* technology_name/,
  ],
  [
    '2 leaves template and its kin empty',
    'left-empty',
    'INSERT INTO technology_knowledge (',
    /template, examples, best_practices and antipatterns/,
  ],
  [
    '3 gives data a copy of metadata',
    'copy-for-original',
    'UPDATE detection_events',
    /detection_events\.data .* copy of metadata/,
  ],
  [
    '4 drops new tables without a copy',
    'dropped-unread',
    'DROP TABLE IF EXISTS git_merge_history;',
    /git_merge_history/,
  ],
  [
    '4 says that all of it is reversed',
    'promise-not-kept',
    'This executes the `down()` function',
    /dropped and no statement reads/,
  ],
  [
    '4 says that the data should be back',
    'promise-not-kept',
    '# Data should be back in new tables',
    /dropped and no statement reads/,
  ],
  [
    '5 invents values',
    'invented-value',
    "UPDATE detection_events SET event_type = 'unknown' WHERE event_type IS NULL;",
    /'unknown'/,
  ],
  ['5 fails at one bad confidence', 'may-fail', 'UPDATE detection_events', /'confidence' is no float8/],
  ['5 fails at one long text', 'may-fail', 'UPDATE detection_events', /'event_type' is longer than 255/],
  [
    '6 is no transaction',
    'no-transaction',
    'DROP INDEX IF EXISTS codebase_snapshots_codebase_id_index;',
    /goes on after an error/,
  ],
  [
    '6 sets no lock_timeout',
    'no-lock-timeout',
    'DROP INDEX IF EXISTS codebase_snapshots_codebase_id_index;',
    /wait behind/,
  ],
  ['7 names no migration', 'unnamed-migration', 'mix ecto.rollback --step 1', /name the version/],
  [
    '8 compares with counts that nobody took',
    'counts-without-baseline',
    "SELECT 'detection_events' AS table_name, COUNT(*) FROM detection_events",
    /take none/,
  ],
  ['9 gives new ids', 'new-keys', 'INSERT INTO technology_knowledge (', /new id/],
  [
    '10 drops a foreign key for good, and has no step for git_commits',
    'constraint-not-put-back',
    'ALTER TABLE git_commits DROP CONSTRAINT IF EXISTS git_commits_session_id_fkey;',
    /No step says what becomes of git_commits/,
  ],
  [
    '11 keeps in metadata what was mixed into meta',
    'keys-kept',
    'UPDATE git_sessions',
    /session_type and base_branch/,
  ],
  ['12 names nobody', 'nobody-named', '## Emergency Contact / Escalation', /names nobody/],
  [
    '12 restores a backup that nobody looked into',
    'restore-unchecked',
    'pg_restore -d singularity_dev /path/to/backup.dump',
    /looks into the backup/,
  ],
  ['12 drops the database', 'dropdb', 'dropdb singularity_dev', /only copy/],
  [
    'and has SQL in a block of shell commands',
    'sql-in-shell',
    'SELECT * FROM schema_migrations ORDER BY version DESC LIMIT 5;',
    /block of its own/,
  ],
];

describe("the document's defects", () => {
  it.each(DEFECTS)('%s', (_defect, rule, text, message) => {
    const found = findings.filter((finding) => finding.rule === rule && message.test(finding.message));
    expect(found.map(({ line }) => lines[line - 1]?.trim() ?? '').join('\n')).toContain(text);
  });

  it('keeps nothing from being run: none of it is an error', () => {
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
