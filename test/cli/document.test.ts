import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statusDocument, toJson, verifyDocument, type Looked } from '../../src/commands/document.ts';
import { statusBlocks, textOf, verifyBlocks } from '../../src/commands/text.ts';
import { strongestLocks } from '../../src/sql/lock-levels.ts';
import type { ServerInfo } from '../../src/postgres/types.ts';
import type { Runbook } from '../../src/runbook/types.ts';
import type { Lock, Statement, Verification } from '../../src/sql/types.ts';

const server: ServerInfo = {
  version: '15.18',
  versionNumber: 150018,
  database: 'orders',
  user: 'app',
  host: 'db1',
  port: '5432',
  superuser: false,
  standby: false,
  readOnly: false,
  encryption: 'TLSv1.3',
  systemIdentifier: null,
  embedded: false,
};

const statement = (index: number, sql: string): Statement => ({
  index,
  sql,
  line: 10 + index,
  comment: '',
  command: 'SELECT',
  tree: {} as Statement['tree'],
  effects: [],
});

const looked: Looked = {
  runbook: { path: '/r.md', title: 'Take it back' } as Runbook,
  server,
  plan: {
    hash: 'h',
    steps: [
      {
        id: 'step-1',
        title: 'First',
        words: '',
        statements: [statement(1, 'DROP INDEX a'), statement(2, 'ALTER TABLE b\n  RENAME TO c')],
      },
    ],
  },
  position: {
    steps: [
      {
        id: 'step-1',
        state: 'partial',
        statements: [
          { index: 1, state: 'applied', reason: 'Index a is gone.' },
          { index: 2, state: 'pending', reason: 'Table b exists.' },
        ],
      },
    ],
  },
};

describe('the documents', () => {
  it('status has the fields that scripts rely on', () => {
    const document: unknown = JSON.parse(toJson(statusDocument(looked)));
    expect(document).toMatchObject({
      schema: 'backout.status/1',
      runbook: '/r.md',
      database: 'orders',
      steps: [
        {
          id: 'step-1',
          title: 'First',
          state: 'partial',
          statements: [
            { index: 1, state: 'applied', sql: 'DROP INDEX a', reason: 'Index a is gone.' },
            { index: 2, state: 'pending', sql: 'ALTER TABLE b\n  RENAME TO c' },
          ],
        },
      ],
    });
  });

  it('verify says whether, and each check', () => {
    const verification: Verification = {
      ok: false,
      checks: [{ id: 'a', title: 'A', ok: false, expected: '1', found: '2', detail: '' }],
    };
    expect(verifyDocument(verification, looked.runbook, server)).toMatchObject({
      schema: 'backout.verify/1',
      ok: false,
      checks: [{ id: 'a', ok: false, detail: '' }],
    });
    expect(textOf(verifyBlocks(verification, server))).toMatch(/FAIL +A \(expected 1, found 2\)\n/);
    expect(textOf(verifyBlocks(verification, server))).toContain('Not verified: 1 of 1 check');
  });
});

describe('toJson', () => {
  it('keeps every value, and holds nothing that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
        const json = toJson({ texts });
        expect(JSON.parse(json)).toEqual({ texts });
        expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
    expect(toJson('\u009b2J\u202e\u{e0041}')).toBe('"\\u009b2J\\u202e\\udb40\\udc41"\n');
  });

  it('is one line without an indent', () => {
    expect(toJson({ a: 'x\ny', b: [1] }, 0)).toBe('{"a":"x\\ny","b":[1]}\n');
  });
});

describe('the same for people', () => {
  it('counts, and says why only where something is not simply still to be done', () => {
    const text = textOf(statusBlocks(looked));
    expect(text).toContain('Take it back\nDatabase orders on db1:5432');
    expect(text).toMatch(/PARTIAL +2 statements: 1 applied, 1 pending/);
    expect(text).toContain('Index a is gone.');
    expect(text).toMatch(/waiting +2\. ALTER TABLE b RENAME TO c/);
    expect(text).not.toContain('Table b exists.');
    expect(text.startsWith('\n')).toBe(false);
  });

  it('sums up the locks of a step by table', () => {
    const lock = (index: number, level: Lock['level'], more: Partial<Lock> = {}): Lock => ({
      step: 'step-1',
      index,
      table: 't',
      level,
      scans: false,
      rewrites: false,
      ...more,
    });
    const summed = strongestLocks([
      lock(1, 'ROW EXCLUSIVE', { scans: true }),
      lock(2, 'ACCESS EXCLUSIVE'),
      lock(3, 'SHARE', { rewrites: true }),
      lock(4, 'ACCESS SHARE', { table: 'other' }),
      lock(1, 'SHARE', { step: 'step-2' }),
    ]);
    expect(summed).toEqual([
      lock(2, 'ACCESS EXCLUSIVE', { scans: true, rewrites: true }),
      lock(4, 'ACCESS SHARE', { table: 'other' }),
      lock(1, 'SHARE', { step: 'step-2' }),
    ]);
  });
});
