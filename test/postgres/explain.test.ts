import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/exit.ts';
import { explainError } from '../../src/postgres/explain.ts';
import { parseRunbook } from '../../src/runbook/read.ts';
import { Stopped } from '../../src/sql/execute/transaction.ts';
import { DatabaseError } from '../../src/sql/session.ts';

const STATES = (
  '08006 22001 22003 22P02 23502 23503 23505 23514 25006 25P03 28000 28P01 2BP01 3D000 40001 40P01 42501 42601 42701 ' +
  '42703 42704 42710 42883 42P01 42P07 53100 53200 53300 55006 55P03 57014 57P01 57P02 57P03 22012 23P01 42P17 53400 ' +
  '55000 58030 XX001 08P01 99999'
).split(' ');

test('every state is explained in sentences, with advice, and the common ones each in their own', () => {
  const explained = STATES.map((state) => explainError(new DatabaseError('words of the server', state)));
  for (const { explanation, advice, message } of explained) {
    expect(message).toBe('words of the server');
    expect(explanation).toMatch(/^[A-Z].*[.]$/);
    expect(advice).toMatch(/^[A-Z`].*[.]$/);
  }
  expect(new Set(explained.slice(0, 34).map(({ explanation }) => explanation)).size).toBeGreaterThanOrEqual(
    33,
  );
});

test('what the server sent is kept, and cannot drive the terminal', () => {
  const error = new DatabaseError('no \u001b[31mred', '22P02', {
    detail: 'a\u202eb',
    hint: 'c\rd',
    position: 8,
  });
  const explained = explainError(error, { statement: 'SELECT high' });
  expect(explained).toMatchObject({ sqlstate: '22P02', statement: 'SELECT high', position: 8 });
  expect(`${explained.message}${explained.detail}${explained.hint}`).not.toMatch(/[\u001b\r\u202e]/);
});

test('the caret is left out where the statement is not shown character by character', () => {
  const error = new DatabaseError('no', '42601', { position: 3 });
  expect(explainError(error, { statement: 'x\u0007y' }).position).toBeUndefined();
});

test('errors of ours and mistakes in the program are told apart', () => {
  expect(explainError(new UserError('What.', 'Do.', 64))).toMatchObject({ message: 'What.', advice: 'Do.' });
  expect(explainError(new TypeError('x is not a function')).explanation).toMatch(/mistake in backout/);
  expect(explainError('a string').message).toBe('a string');
});

test('takes what the operator cancelled between two statements for no mistake', () => {
  const explained = explainError(new Stopped());
  expect(explained.message).toBe('Cancelled, as you asked.');
  expect(explained.explanation).not.toMatch(/mistake/);
});

describe("the runbook's own word on it", () => {
  const path = new URL('../fixtures/ROLLBACK_PROCEDURE.md', import.meta.url);
  const runbook = parseRunbook(readFileSync(path, 'utf8'), 'runbook.md');
  const match = (message: string, state: string, more: DatabaseError['more'] = {}): string | undefined =>
    explainError(new DatabaseError(message, state, more), { runbook }).troubleshooting;

  test.each([
    ['relation "codebase_snapshots" does not exist', '42P01', {}, /table does not exist/],
    [
      'cannot drop table git_sessions because other objects depend on it',
      '2BP01',
      { detail: 'constraint git_commits_session_id_fkey on table git_commits depends on table git_sessions' },
      /Foreign key constraint violations/,
    ],
    [
      'insert or update on table "git_commits" violates foreign key constraint "git_commits_session_id_fkey"',
      '23503',
      { constraint: 'git_commits_session_id_fkey', table: 'git_commits' },
      /Foreign key constraint violations/,
    ],
  ])('%s', (message, state, more, title) => {
    expect(match(message, state, more)).toMatch(title);
  });

  test.each([
    ['canceling statement due to lock timeout', '55P03'],
    ['column "gone" does not exist', '42703'],
    ['relation "detection_events" already exists', '42P07'],
    ['invalid input syntax for type double precision: "high"', '22P02'],
  ])('none rather than a wrong one: %s', (message, state) => {
    expect(match(message, state)).toBeUndefined();
  });

  test('what the operator cancelled is not taken for a lock that another session holds', () => {
    const shipped = new URL('../../runbooks/20250101000014-align-schema-table-names.md', import.meta.url);
    const known = parseRunbook(readFileSync(shipped, 'utf8'), 'runbook.md');
    const said = (message: string, state: string): string | undefined =>
      explainError(new DatabaseError(message, state), { runbook: known }).troubleshooting;
    expect(said('canceling statement due to user request', '57014')).toBeUndefined();
    expect(said('canceling statement due to lock timeout', '55P03')).toMatch(/lock timeout/);
  });
});
