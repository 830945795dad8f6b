import { beforeAll, expect, it } from 'vitest';
import type { Plan } from '../../src/sql/types.ts';
import { renderStatement } from '../../src/sql/parse-render.ts';
import { firstEditionStatements } from '../support/migration.ts';
import { shipped } from './shipped.ts';

let plan: Plan;
const oneLine = (sql: string): string => sql.replace(/\s+/g, ' ').trim();
const isData = (sql: string): boolean => /^(UPDATE|INSERT|DELETE)\b/.test(sql);

beforeAll(async () => {
  ({ plan } = await shipped());
});

it('has the catalog statements of the first edition, in their order, and two more', () => {
  const ours = plan.steps
    .flatMap(({ statements }) => statements.map(({ sql }) => oneLine(sql)))
    .filter((sql) => !isData(sql));
  const theirs = firstEditionStatements()
    .map(oneLine)
    .filter((sql) => !isData(sql));
  const added = ours.filter((sql) => !theirs.includes(sql));
  expect(ours.filter((sql) => theirs.includes(sql))).toEqual(theirs);
  expect(added.map((sql) => sql.split(' ALTER COLUMN')[0])).toEqual([
    'ALTER TABLE git_sessions',
    'ALTER TABLE technology_knowledge',
  ]);
});

it('adds them at the end of their steps, where no broken-off first edition can stand beyond them', () => {
  const last = plan.steps.map(({ statements }) => oneLine(statements.at(-1)?.sql ?? ''));
  expect(last[1]).toBe("ALTER TABLE git_sessions ALTER COLUMN metadata SET DEFAULT '{}'::jsonb");
  expect(last[2]).toMatch(/^ALTER TABLE technology_knowledge ALTER COLUMN id DROP DEFAULT/);
});

it('is understood whole, and can be rendered from its trees', () => {
  const statements = plan.steps.flatMap((step) => step.statements);
  expect(
    statements.flatMap(({ effects }) => effects).filter(({ kind }) => kind === 'not-understood'),
  ).toEqual([]);
  for (const { tree, sql } of statements) expect(() => renderStatement(tree), sql).not.toThrow();
});

it('says of each step what it does', () => {
  for (const { words } of plan.steps) expect(words.length).toBeGreaterThan(100);
});
