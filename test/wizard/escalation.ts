/** What an escalation finds and prepares, for tests that need no server. */
import type { Placeholder } from '../../src/shell/placeholders.ts';
import type { EscalationAct, EscalationDone, EscalationFacts, Prepared } from '../../src/wizard/types.ts';

export const OPEN: Placeholder = {
  id: 'words:<release>',
  kind: 'words',
  text: '<release>',
  why: 'The runbook leaves this open.',
  from: 0,
  to: 9,
};

export const escalationFacts = (more: Partial<EscalationFacts> = {}): EscalationFacts => ({
  stopped: null,
  whyNotStop: null,
  whyNotSwap: 'No backup has been restored beside this database yet.',
  whyNotBack: 'No damaged database is kept that could be put back.',
  beside: [],
  ...more,
});

export const prepared = (act: EscalationAct, more: Partial<Prepared> = {}): Prepared => ({
  act,
  token: 'token',
  title: 'Stop all writes',
  words: ['The right to connect is taken away.'],
  statements: ['REVOKE CONNECT ON DATABASE "orders" FROM PUBLIC'],
  sessions: [
    { what: 'pid 7, user app, phoenix, from 10.0.0.7, idle', left: null },
    { what: 'pid 8, user ops, backout/x, from socket, idle', left: 'backout itself' },
  ],
  tables: null,
  questions: [],
  confirm: 'orders',
  ...more,
});

export const escalationDone = (more: Partial<EscalationDone> = {}): EscalationDone => ({
  act: 'stop-writes',
  ok: true,
  summary: 'Writes to orders stopped.',
  lines: ['Nobody new may connect. 1 session ended.'],
  tables: null,
  exchanged: false,
  ...more,
});
