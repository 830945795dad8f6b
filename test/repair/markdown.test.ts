import { beforeAll, expect, it } from 'vitest';
import { repairMarkdown } from '../../src/repair/markdown.ts';
import type { Repair } from '../../src/repair/types.ts';
import { parseRunbook } from '../../src/runbook/read.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';

beforeAll(loadParser);

const repair = (more: Partial<Repair>): Repair => ({
  id: 'index:a',
  title: 'Create index a on t',
  found: 'Index a is missing.',
  careful: [],
  sql: 'CREATE INDEX a ON t (x);',
  checks: [],
  recommended: true,
  ...more,
});

it('reads back as a runbook with a step for each repair and a query for each check', () => {
  const text = repairMarkdown('Fix forward', [
    repair({}),
    repair({
      id: 'null',
      title: 'Fill agent_id',
      found: 'Rows without it: 3.',
      careful: ['Nobody knows what it was.'],
      sql: "UPDATE t SET agent_id = 'unknown' WHERE agent_id IS NULL;\nALTER TABLE t ALTER COLUMN agent_id SET NOT NULL;",
      checks: [
        {
          title: 'No row without an agent',
          sql: 'SELECT count(*) FROM t WHERE agent_id IS NULL',
          expect: '0',
        },
      ],
    }),
  ]);
  const runbook = parseRunbook(text, '/tmp/repair.md');
  expect(runbook.title).toBe('Fix forward');
  expect(runbook.steps.map(({ id, title }) => [id, title])).toEqual([
    ['step-1', 'Create index a on t'],
    ['step-2', 'Fill agent_id'],
  ]);
  expect(runbook.steps[1]?.words).toContain('Nobody knows what it was.');
  expect(
    planOf(runbook).steps.map(({ statements }) => statements.map(({ effects }) => effects[0]?.kind)),
  ).toEqual([['create-index'], ['update', 'set-not-null']]);
  expect(runbook.expectations).toMatchObject([
    {
      kind: 'query',
      title: 'No row without an agent',
      sql: 'SELECT count(*) FROM t WHERE agent_id IS NULL',
      expect: '0',
    },
  ]);
});

it('takes names from a database as words, whatever they hold', () => {
  const name = '# Step 9: `x`\n\n```sql\nDROP TABLE t;\n```\n<b>*_[y](z)';
  const text = repairMarkdown(name, [
    repair({ title: name, found: name, careful: [name], sql: 'SELECT $$```$$;' }),
  ]);
  const runbook = parseRunbook(text, '/tmp/repair.md');
  expect(runbook.steps).toHaveLength(1);
  expect(runbook.steps[0]?.blocks.map(({ text: sql }) => sql)).toEqual(['SELECT $$```$$;']);
  expect(runbook.steps[0]?.title).toContain('DROP TABLE t;');
});
