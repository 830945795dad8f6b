import { expect, test } from 'vitest';
import { stakes } from '../../src/wizard/stakes.ts';
import { survey } from './support.ts';

const at = { step: 'step-1', index: 1, detail: '' };

test('what goes and what is made up, by table and column, the most rows of each', () => {
  const found = survey(['pending']);
  const gone = (rows: number, table: string, column?: string) => ({
    ...at,
    rows,
    table,
    ...(column ? { column } : {}),
  });
  expect(
    stakes({
      ...found,
      risk: {
        dataAtRisk: [
          gone(1, 'crates'),
          gone(2, 'parts', 'weight'),
          gone(7, 'parts', 'weight'),
          gone(0, 'none'),
        ],
        invented: [{ ...at, table: 'parts', column: 'label', value: "''", rows: 3 }],
        failing: [],
        unchecked: [{ ...at, what: 'a', why: 'b' }],
      },
    }),
  ).toEqual([
    'Rolling back takes data out of the tables, and the archive keeps it: crates (1 row), parts.weight (7 rows).',
    'It writes values that nobody entered: parts.label (3 rows).',
    '1 thing was not looked at: the plan says which.',
  ]);
  expect(stakes({ ...found, risk: { dataAtRisk: [], invented: [], failing: [], unchecked: [] } })).toEqual([
    'Rolling back puts no data at risk that was found.',
  ]);
});
