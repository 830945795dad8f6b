/** A repair that asks for a value: what it becomes once one was given, and that it is never carried out without. */
import { describe, expect, it } from 'vitest';
import { repairMarkdown } from '../../src/repair/markdown.ts';
import { withValue } from '../../src/repair/value.ts';
import type { Repair, RepairInput } from '../../src/repair/types.ts';

const asking = (input: Partial<RepairInput>): Repair => ({
  id: 'replace:t.c',
  title: 'Put a value of yours in c of t where it does not fit',
  found: '2 rows of t do not fit.',
  careful: [],
  sql: "UPDATE t\nSET c = '<value>'\nWHERE c = '<value>';",
  checks: [],
  recommended: false,
  input: { prompt: 'What?', accepts: 'text', longest: null, as: 'literal', value: null, ...input },
});

describe('a value that was typed', () => {
  it.each([
    [{ value: "it's" }, "SET c = 'it''s'", 'Put "it\'s" in c of t'],
    [{ value: '$&' }, "SET c = '$&'", 'Put "$&" in c of t'],
    [{ value: '0.5', accepts: 'number' as const }, "SET c = '0.5'", 'Put 0.5 in c of t'],
    [{ value: '0.5', accepts: 'number' as const, as: 'json' as const }, "SET c = '0.5'", 'Put 0.5 in'],
    [{ value: 'ab', as: 'json' as const }, `SET c = '"ab"'`, 'Put "ab" in c of t'],
  ])('%j stands in the SQL as %s, once', (input, sql, title) => {
    const filled = withValue(asking(input));
    expect(filled.sql).toContain(sql);
    expect(filled.sql).toContain("WHERE c = '<value>'");
    expect(filled.title).toContain(title);
  });

  it('is what the document of the repair runs; without one there is no document', () => {
    const document = repairMarkdown('Repair', [asking({ value: '7', accepts: 'integer' })]);
    expect(document).toContain("SET c = '7'");
    expect(document).toContain('Put 7 in c of t');
    expect(() => repairMarkdown('Repair', [asking({})])).toThrow('no value was given for replace:t.c');
  });
});
