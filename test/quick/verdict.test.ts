/** What the operator is told after the command, by what the database says. */
import { describe, expect, it } from 'vitest';
import { isChanged, verdictOf, type Aftermath } from '../../src/quick/verdict.ts';

const ran = (exitStatus: number | null, signal: string | null = null) => ({
  command: 'mix ecto.rollback',
  exitStatus,
  signal,
  seconds: 1,
  tail: [],
});

const still = (more: Partial<Aftermath> = {}): Aftermath => ({
  result: ran(0),
  tables: [{ before: 'a', now: 'a', changed: false }],
  created: [],
  otherwise: false,
  others: [],
  version: '14',
  recordedBefore: true,
  recorded: true,
  steps: [
    { id: 'step-1', state: 'pending', applied: 0, statements: 3 },
    { id: 'step-2', state: 'pending', applied: 0, statements: 2 },
  ],
  meanwhile: [],
  keptAt: '2026-01-01T00:00:00.000Z',
  ...more,
});

describe('verdictOf', () => {
  it('says that nothing changed here, whatever the command said', () => {
    expect(isChanged(still())).toBe(false);
    expect(verdictOf(still())[0]).toContain('it ran somewhere else, or it did nothing');
    expect(verdictOf(still({ result: ran(1) })).join(' ')).toMatch(
      /as they were.*failed, with exit status 1/,
    );
    expect(verdictOf(still({ result: ran(null, 'SIGKILL') })).join(' ')).toContain('ended by SIGKILL');
    expect(verdictOf(still({ result: ran(null) })).join(' ')).toContain('How the command ended is not known');
  });

  it('tells a section that was skipped without a word, and the version row that went all the same', () => {
    const words = verdictOf(
      still({
        recorded: false,
        tables: [{ before: 'a', now: 'b', changed: true }],
        steps: [
          { id: 'step-1', state: 'partial', applied: 2, statements: 3 },
          { id: 'step-2', state: 'pending', applied: 0, statements: 2 },
        ],
      }),
    ).join('\n');
    expect(words).toContain('Left to do: Step 1, Step 2.');
    expect(words).toContain('a is b now.');
    expect(words).toContain('Step 1: 2 of 3 statements found done');
    expect(words).toContain('Step 2: it was skipped without a word');
    expect(words).toContain('14 is no longer recorded, although Step 2 is not done.');
  });

  it('tells what was written between the copy and the rollback, and what cannot be seen', () => {
    const words = verdictOf(
      still({
        tables: [{ before: 'a', now: null, changed: true }],
        meanwhile: [{ table: 'b', added: 1, gone: 2, changed: 0 }],
      }),
    ).join('\n');
    expect(words).toContain('b: 1 row there that the copy does not have, 2 rows gone that the copy has.');
    expect(words).toMatch(/written to a after the copy was made \(2026-01-01T00:00:00.000Z\) went with it/);
  });

  it('names other versions that went', () => {
    expect(verdictOf(still({ others: ['15'] })).join(' ')).toContain('No longer recorded either: 15.');
  });
});
