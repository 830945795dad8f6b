/** The embedded server of practice is a later one, where NOT NULL is a constraint with a name. */
import { expect, it } from 'vitest';
import { forwardOf } from '../../src/runbook/forward.ts';
import { shipped } from '../runbook/shipped.ts';
import { freshPglite, sessionOn } from '../support/pglite.ts';
import { writtenSince } from '../support/states.ts';
import { changes, rollBack, stateOf, undo } from './support.ts';

it.each(['as-written', 'rewrite', 'copy-and-swap'] as const)(
  'comes back in practice too (%s)',
  async (form) => {
    const { plan, runbook } = await shipped();
    const db = await freshPglite();
    await writtenSince(db);
    const session = sessionOn(db);
    const before = await stateOf(session);
    await rollBack(session, { run: '20260101-0000-aaaa', plan, form, forward: forwardOf(runbook) });
    expect(changes(before, await stateOf(session))).not.toEqual([]);
    await undo(session, '20260101-0000-aaaa', '20260101-0001-bbbb');
    expect(changes(before, await stateOf(session))).toEqual([]);
    await db.close();
  },
);
