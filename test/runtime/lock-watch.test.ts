/** Following a wait for a lock, without a server. */
import { describe, expect, it } from 'vitest';
import { blockerLine, watchLocks } from '../../src/runtime/waiting.ts';
import type { Blocker, Event, LockWait } from '../../src/wizard/types.ts';

describe('without a second session', () => {
  it('nobody is asked who is in the way', async () => {
    const heard: Event[] = [];
    const watch = watchLocks({ emit: (event) => heard.push(event), now: () => 1000, openOther: null });
    const tried = {
      step: 's',
      table: 't\u001b',
      level: 'SHARE',
      attempt: 1,
      attempts: 2,
      since: 1,
      amid: false,
    } as const;
    watch.trying(tried, 1);
    watch.missed(tried, 500);
    expect(heard).toEqual([
      {
        type: 'lock-waiting',
        wait: expect.objectContaining({
          table: 't\\x1B',
          nextTryAt: 1500,
          pauseSeconds: 0.5,
          blockers: [],
        }) as LockWait,
      },
    ]);
    watch.taken();
    expect(heard.at(-1)).toEqual({ type: 'lock-taken', step: 's' });
    await watch.close();
  });

  it('a second session that cannot be had does not fail the step', async () => {
    const watch = watchLocks({
      emit: () => undefined,
      now: () => 1000,
      openOther: () => Promise.reject(new Error('too many clients')),
    });
    const tried = {
      step: 's',
      table: 't',
      level: 'SHARE',
      attempt: 1,
      attempts: 2,
      since: 1,
      amid: false,
    } as const;
    watch.missed(tried, 1);
    watch.trying({ ...tried, attempt: 2 }, 1);
    watch.taken();
    await expect(watch.close()).resolves.toBeUndefined();
    expect(watch.blockers).toEqual([]);
  });
});

describe('a blocker in a line', () => {
  it('is one line, whatever the session called itself', () => {
    const blocker: Blocker = {
      pid: 7,
      backendStart: '',
      user: 'app',
      application: 'web\nnothing to see',
      address: '10.0.0.1',
      state: 'active',
      ageSeconds: 61.4,
      query: 'SELECT 1',
      holds: ['ACCESS SHARE on t'],
      mayCancel: true,
      mayTerminate: true,
      waitsForUs: false,
    };
    expect(blockerLine(blocker)).toBe(
      'pid 7 "web ⏎ nothing to see", user app, from 10.0.0.1, active, transaction open for 61 s, holds ACCESS SHARE on t: SELECT 1',
    );
  });
});
