/** One transaction: whole or not at all, and what COMMIT said. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commit } from '../../../src/sql/execute/transaction.ts';
import { DatabaseError, type Notice, type QueryResult, type Session } from '../../../src/sql/session.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { procedureOf, run } from './support.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
  await bench.session.query('CREATE TABLE public.journal (step text, xid xid8 DEFAULT pg_current_xact_id())');
});
afterEach(() => bench.close());

const row = (step: string) => `INSERT INTO public.journal (step) VALUES ('${step}')`;
const journal = async () => (await bench.session.query('SELECT step, xid FROM public.journal')).rows;

describe('several procedures', () => {
  const first = procedureOf(['CREATE TABLE public.made (id int)', row('step-1')], { step: 'step-1' });
  const second = procedureOf(['INSERT INTO public.made VALUES (1)', row('step-2')], { step: 'step-2' });

  it('are one transaction', async () => {
    const { result } = await run(bench.session, [first, second]);
    expect(result.kind).toBe('committed');
    const rows = await journal();
    expect(rows.map(({ step }) => step)).toEqual(['step-1', 'step-2']);
    expect(new Set(rows.map(({ xid }) => xid)).size).toBe(1);
  });

  it('leave nothing when the last of them fails, and the result says where', async () => {
    const failing = procedureOf([row('step-2'), 'SELECT 1/0'], { step: 'step-2' });
    const { result, told } = await run(bench.session, [first, failing]);
    expect(result).toMatchObject({
      kind: 'rolled-back',
      error: { sqlstate: '22012' },
      at: { step: 'step-2', action: { index: 2 } },
      lock: null,
    });
    expect(told.at(-1)).toBe('failed 2');
    expect(await journal()).toEqual([]);
  });
});

describe('before COMMIT', () => {
  it('the intent gets what identifies the transaction', async () => {
    const known: unknown[] = [];
    await run(bench.session, [procedureOf([row('step-1')])], {
      committing: async () => {
        known.push((await bench.session.query('SELECT pg_current_xact_id() AS xid')).rows[0]?.['xid']);
      },
    });
    expect((await journal())[0]?.['xid']).toBe(known[0]);
  });

  it('an intent that could not be written commits nothing', async () => {
    const { result } = await run(bench.session, [procedureOf([row('step-1')])], {
      committing: () => Promise.reject(new Error('no space left on device')),
    });
    expect(result).toMatchObject({ kind: 'rolled-back', cancelled: false, at: { action: null } });
    expect(await journal()).toEqual([]);
  });

  it('a stop that came while the intent was written still commits nothing', async () => {
    let stopped = false;
    const { result } = await run(bench.session, [procedureOf([row('step-1')])], {
      stopped: () => stopped,
      committing: () => {
        stopped = true;
        return Promise.resolve();
      },
    });
    expect(result).toMatchObject({ kind: 'rolled-back', cancelled: true });
    expect(await journal()).toEqual([]);
  });

  it('a constraint that is only checked then refuses it, and the session is free again', async () => {
    await bench.session.query('CREATE TABLE public.one (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)');
    const twice = procedureOf(['INSERT INTO public.one VALUES (1), (1)']);
    const { result } = await run(bench.session, [twice]);
    expect(result).toMatchObject({ kind: 'rolled-back', error: { sqlstate: '23505' } });
    expect((await bench.session.query('SELECT FROM public.one')).rowCount).toBe(0);
  });
});

describe('what an action is given', () => {
  it('are its values, apart from its SQL', async () => {
    const made = procedureOf(['INSERT INTO public.journal (step) VALUES ($1)']);
    const params = ["step '1'; DROP TABLE journal"];
    await run(bench.session, [{ ...made, actions: made.actions.map((action) => ({ ...action, params })) }]);
    expect((await journal()).map(({ step }) => step)).toEqual(params);
  });
});

describe('the answer to COMMIT', () => {
  const answering = (
    answer: (tell: (notice: Notice) => void) => Promise<QueryResult>,
    lost = false,
  ): Session => {
    let listener: (notice: Notice) => void = () => undefined;
    return {
      query: () => answer((notice) => listener(notice)),
      onNotice(given) {
        listener = given;
        return () => (listener = () => undefined);
      },
      cancel: () => Promise.resolve(),
      close: () => Promise.resolve(),
      processId: 1,
      lost,
    };
  };
  const said = (command: string): QueryResult => ({ rows: [], fields: [], rowCount: null, command });

  it('with a warning is a commit, with the warning and its detail, in whatever language', async () => {
    const session = answering((tell) => {
      tell({ severity: 'WARNING', message: 'canceling wait', detail: 'already committed locally' });
      return Promise.resolve(said('COMMIT'));
    });
    expect(await commit(session)).toEqual({
      kind: 'committed',
      warnings: ['WARNING: canceling wait already committed locally'],
    });
  });

  it('ROLLBACK is no commit, although it is no error either', async () => {
    expect((await commit(answering(() => Promise.resolve(said('ROLLBACK'))))).kind).toBe('refused');
  });

  it.each([[new DatabaseError('gone', '08006', { connectionLost: true })], [new Error('socket hang up')]])(
    'that never came is not known: %s',
    async (error) => {
      expect((await commit(answering(() => Promise.reject(error)))).kind).toBe('unknown');
    },
  );

  it('that is an error, on a session that is gone by then, is not known either', async () => {
    const ended = new DatabaseError('terminating connection due to administrator command', '57P01');
    expect((await commit(answering(() => Promise.reject(ended), true))).kind).toBe('unknown');
  });
});
