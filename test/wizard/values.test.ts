/** What a runbook leaves open, asked one by one on the screen that every surface shows. */
import { expect, it } from 'vitest';
import { secretsFor, parseSet, withRecorded } from '../../src/commands/values.ts';
import { NO_SECTIONS } from '../../src/runbook/no-sections.ts';
import { screenOf } from '../../src/steps/index.ts';
import { forgetSecrets, keepSecret, withoutSecrets, withoutSecretsIn } from '../../src/terminal/secrets.ts';
import { toLine } from '../../src/terminal/sanitize.ts';
import { reduce } from '../../src/wizard/reducer.ts';
import { initialState } from '../../src/wizard/state.ts';
import type { State } from '../../src/wizard/types.ts';

const open = (name: string, secret = false) => ({
  name,
  written: `:'${name}'`,
  lines: [7, 9],
  excerpt: `DELETE FROM t WHERE a = :'${name}'`,
  secret,
});

function asking(): State {
  return initialState({
    environment: 'PRODUCTION',
    run: '',
    version: '0',
    runbook: { ...NO_SECTIONS, path: 'r.md', sha256: '', title: '', migration: null, steps: [] },
    plan: { steps: [], hash: '' },
    values: { open: [open('tenant'), open('db_password', true)], given: {} },
  });
}

const answered = (state: State, value: string): State =>
  reduce(state, { type: 'answer', question: screenOf(state).question.id, value }).state;

it('asks for one after the other, with where it stands and its flag, and ends with all of them', () => {
  const first = screenOf(asking());
  expect(first.question).toMatchObject({
    kind: 'text',
    prompt: "What is :'tenant'?",
    secret: false,
    flag: '--set tenant=VALUE',
  });
  expect(JSON.stringify(first.blocks)).toContain('Lines 7, 9');
  expect(JSON.stringify(first.blocks)).toContain("DELETE FROM t WHERE a = :'tenant'");

  const second = answered(asking(), 'acme');
  expect(screenOf(second).question).toMatchObject({ prompt: "What is :'db_password'?", secret: true });
  expect(JSON.stringify(screenOf(second).blocks)).toContain('tenant: acme');
  expect(second.outcome).toBeNull();

  const last = answered(second, 'hunter22');
  expect(last.values?.given).toEqual({ tenant: 'acme', db_password: 'hunter22' });
  expect(JSON.stringify(screenOf(last).blocks)).not.toContain('hunter22');
  expect(last.outcome).not.toBeNull();
});

it('takes nothing that cannot be a value, and a late answer for nothing', () => {
  const again = answered(answered(asking(), 'acme'), 'x');
  expect(again.values?.given).toEqual({ tenant: 'acme' });
  expect(again.notice).toMatch(/fewer than 4 characters/);
  const { id } = screenOf(asking()).question;
  expect(reduce(again, { type: 'answer', question: id, value: 'other' }).state).toBe(again);
});

it('can be left: what is missing stays missing', () => {
  const left = reduce(asking(), { type: 'action', action: 'leave' }).state;
  expect(left.outcome?.outcome).toBe('declined');
  expect(left.values?.given).toEqual({});
});

it('is given by --set, a secret by the environment alone', () => {
  expect(parseSet(['a=1', 'b c=x=y', 'd='])).toEqual({ a: '1', 'b c': 'x=y', d: '' });
  for (const wrong of [['a'], ['=1'], ['a=1', 'a=2'], ['token=abcdef'], ['a=x\ny']])
    expect(() => parseSet(wrong)).toThrow(expect.objectContaining({ exitStatus: 64 }));
  const missing = [open('db_password', true), open('tenant')];
  const env = { BACKOUT_SET_DB_PASSWORD: 'hunter22', BACKOUT_SET_TENANT: 'no secret' };
  expect(secretsFor(missing, env)).toEqual({ db_password: 'hunter22' });
});

it('stays what it was when the run is gone on with; a secret is asked for again', () => {
  const recorded = [
    { name: 'tenant', value: 'acme', line: 7 },
    { name: 'db_password', value: null, line: 7 },
  ];
  expect(withRecorded({ db_password: 'x' }, recorded)).toEqual({ tenant: 'acme', db_password: 'x' });
  expect(() => withRecorded({ tenant: 'other' }, recorded)).toThrow(/began with another value, acme/);
});

it('a secret is neither shown nor written down, however it is quoted', () => {
  keepSecret('db_password', `hun'ter"2\\2`);
  try {
    const sql = `ALTER ROLE a PASSWORD 'hun''ter"2\\2'`;
    expect(toLine(sql)).toBe("ALTER ROLE a PASSWORD '‹db_password›'");
    expect(withoutSecretsIn({ sql, more: [`hun'ter"2\\2`] })).toEqual({
      sql: "ALTER ROLE a PASSWORD '‹db_password›'",
      more: ['‹db_password›'],
    });
    expect(withoutSecrets(`E'hun''ter"2\\\\2'`)).toBe("E'‹db_password›'");
  } finally {
    forgetSecrets();
  }
});
