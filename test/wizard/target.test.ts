import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { SERVER, Walk, failure, result, survey } from './support.ts';

describe('target', () => {
  test('starting connects, once', () => {
    const walk = new Walk().send({ type: 'start' }, { type: 'start' });
    expect(walk.tasks).toEqual([{ type: 'connect' }]);
    expect(walk.question.kind).toBe('wait');
  });

  test('shows the settings as they are known, and the server', () => {
    const walk = new Walk().send(
      { type: 'start' },
      { type: 'connecting', settings: [{ name: 'host', value: 'db1', origin: 'PGHOST' }] },
    );
    expect(walk.words).toContain('host | db1 | PGHOST');
    walk.send({ type: 'connected', server: SERVER });
    expect(walk.words).toContain('database orders as ops, at db1, port 5432');
    expect(walk.words).toContain('PRODUCTION');
    expect(walk.journal).toEqual([{ type: 'connected', server: SERVER }]);
  });

  test('a failed connection is explained, and can be tried again or left with exit status 69', () => {
    const walk = new Walk().send(
      { type: 'start' },
      { type: 'connect-failed', error: failure({ message: 'refused' }) },
    );
    expect(walk.words).toContain('refused');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'leave', unattended: 'leave' });
    walk.answer('retry');
    expect(walk.last).toEqual([{ type: 'connect' }]);
    walk.send({ type: 'connect-failed', error: failure() }).answer('leave');
    expect(walk.state.outcome).toEqual({ outcome: 'error', exitStatus: EXIT.cannotConnect });
    expect(walk.journal.filter(({ type }) => type === 'result')).toHaveLength(1);
  });

  test('another database: its URL goes to the task and nowhere else', () => {
    const url = 'postgresql://u:canary-secret@h/other';
    const walk = new Walk().connected().act('change');
    expect(walk.question).toMatchObject({ kind: 'text', secret: true });
    walk.answer(url);
    expect(walk.last).toEqual([{ type: 'connect', url }]);
    expect(JSON.stringify(walk.state)).not.toContain('canary');
    expect(JSON.stringify(walk.journal)).not.toContain('canary');
  });

  test('another database forgets everything the first one said', () => {
    const walk = new Walk().checked([result('backup', 'warn')]).answer('yes');
    walk.act('back').act('change').answer('postgresql://h/other');
    expect(walk.state).toMatchObject({
      survey: null,
      steps: [],
      prerequisites: { status: 'idle', results: [], accepted: [] },
      target: { status: 'connecting', server: null },
    });
  });

  test('no URL, or escape, keeps the database', () => {
    const walk = new Walk().connected().act('change').answer('  ');
    expect(walk.state.target).toMatchObject({ status: 'connected', changing: false });
    walk.act('change').act('back');
    expect(walk.state.target.changing).toBe(false);
    expect(walk.started('connect')).toBe(1);
  });

  test('practice cannot be pointed at another database, and says why', () => {
    const walk = new Walk({ environment: 'PRACTICE' }).connected();
    const change = walk.screen.actions.find(({ id }) => id === 'change');
    expect(change).toMatchObject({ enabled: false });
    expect(change?.reason).toContain('embedded');
    expect(walk.act('change').state.target.changing).toBe(false);
    const failed = new Walk({ environment: 'PRACTICE' }).send(
      { type: 'start' },
      { type: 'connect-failed', error: failure() },
    );
    expect(failed.answer('change').state.target.changing).toBe(false);
  });

  test('going on checks the prerequisites', () => {
    const walk = new Walk().connected().answer('next');
    expect(walk.state.screen).toBe('prerequisites');
    expect(walk.last).toEqual([{ type: 'check' }]);
    walk.send({ type: 'prerequisites-done', survey: survey() });
    expect(walk.state.prerequisites.status).toBe('done');
  });
});
