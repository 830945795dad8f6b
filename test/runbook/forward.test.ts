/** `forward=` blocks: read, checked, and none of them a statement of a step. */
import { beforeAll, describe, expect, it } from 'vitest';
import { forwardOf } from '../../src/runbook/forward.ts';
import { lintRunbook } from '../../src/runbook/lint.ts';
import { parseRunbook } from '../../src/runbook/read.ts';
import type { Runbook } from '../../src/runbook/types.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';
import { shipped } from './shipped.ts';

beforeAll(loadParser);

function runbookWith(info: string, sql: string): Runbook {
  const text = `# Take it back\n\n## Step 1: Rename\n\n\`\`\`sql\nALTER TABLE new RENAME TO old;\n\`\`\`\n\n\`\`\`sql ${info}\n${sql}\n\`\`\`\n`;
  return parseRunbook(text, 'made-up.md');
}

const messages = (runbook: Runbook): string[] =>
  lintRunbook(runbook, planOf(runbook))
    .findings.filter(({ rule }) => rule === 'forward-mapping')
    .map(({ line, severity, message }) => `${line} ${severity}: ${message}`);

describe('a forward block', () => {
  it('is read with its place, and is no statement of the step', () => {
    const runbook = runbookWith('forward=new key=id fill=b', 'SELECT id, a AS b FROM old;');
    expect(
      forwardOf(runbookWith('forward=new key=id fill=b', '-- why\nSELECT id, a AS b FROM old;')),
    ).toEqual([
      { step: 'step-1', table: 'new', key: ['id'], fill: ['b'], sql: 'SELECT id, a AS b FROM old', line: 11 },
    ]);
    expect(planOf(runbook).steps[0]?.statements.map(({ command }) => command)).toEqual(['ALTER TABLE']);
  });

  it.each([
    ['forward=new', 'SELECT id FROM old', 'key= must name the columns by which a row of new is found.'],
    ['forward key=id', 'SELECT id FROM old', 'forward= must name the forward table.'],
    [
      'forward=new key=id',
      'SELECT id FROM old; SELECT 1',
      'A mapping to new is one SELECT, and nothing else.',
    ],
    ['forward=new key=id', 'DELETE FROM old', 'A mapping to new is a SELECT, not DELETE.'],
    [
      'forward=new key=id',
      'WITH d AS (DELETE FROM old RETURNING id) SELECT id FROM d',
      'A mapping to new only reads.',
    ],
    [
      'forward=new key=id',
      'SELECT * FROM old',
      'Every column of a mapping to new needs a name: write them out, with AS where they are computed.',
    ],
    ['forward=new key=id', 'SELECT id, a, b AS a FROM old', 'The mapping to new gives a twice.'],
    [
      'forward=new key=no',
      'SELECT id FROM old',
      'The mapping to new does not give no, which its info string names.',
    ],
    [
      'forward=new key=id',
      'SELECT id FROM public.old',
      'A mapping names its tables without a schema, so that it is given only rows written since: not public.old.',
    ],
  ])('%s %s is refused', (info, sql, message) => {
    const runbook = runbookWith(info, sql);
    expect(messages(runbook)).toEqual([`10 error: ${message}`]);
    expect(() => forwardOf(runbook)).toThrow(message);
  });

  it('with a syntax error is named at its line', () => {
    const runbook = runbookWith('forward=new key=id', 'SELECT id\nFROM FROM old');
    const found = lintRunbook(runbook, planOf(runbook)).findings.filter(
      ({ severity }) => severity === 'error',
    );
    expect(found.map(({ line, rule }) => [line, rule])).toEqual([[11, 'sql-syntax']]);
  });
});

describe('the shipped runbook', () => {
  it('says for each of its four forward tables how rows go there', async () => {
    const { runbook } = await shipped();
    expect(forwardOf(runbook).map(({ step, table, key, fill }) => [step, table, key, fill])).toEqual([
      ['step-1', 'codebase_snapshots', ['id'], ['summary', 'detected_technologies', 'features']],
      ['step-2', 'git_agent_sessions', ['id'], ['agent_id']],
      ['step-3', 'technology_templates', ['identifier'], undefined],
      ['step-3', 'technology_patterns', ['technology_name', 'technology_type'], undefined],
    ]);
    expect(messages(runbook)).toEqual([]);
  });
});
