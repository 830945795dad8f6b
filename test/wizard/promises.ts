/** What every state keeps, whatever arrived before: its question, its answers without an operator, its actions. */
import { expect } from 'vitest';
import { roadOf, screenOf } from '../../src/steps/index.ts';
import { actionsOf } from '../../src/wizard/actions.ts';
import { askedOf } from '../../src/wizard/asked.ts';
import { reduce as wizard } from '../../src/wizard/reducer.ts';
import type { Reduce, State } from '../../src/wizard/types.ts';

/** The screen asks what the reducer takes, with its id and its answers. */
export function keepsQuestion(after: State): void {
  const screen = screenOf(after);
  const asked = askedOf(after);
  const { question } = screen;
  expect([question.id, question.kind, question.subject]).toEqual([asked.id, asked.kind, asked.subject]);
  expect(question.prompt).not.toBe('');
  if (question.kind === 'choice') {
    const able = question.options.filter(({ disabled }) => disabled === undefined);
    expect(able.map(({ value }) => value).sort()).toEqual([...(asked.values ?? [])].sort());
    expect(able.map(({ value }) => value)).toContain(question.default);
    const keys = question.options.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  }
  expect(roadOf(after).filter(({ here }) => here).length).toBeLessThanOrEqual(1);
}

/** A question without a flag has an answer for a run without an operator: one that is taken, and runs no step. */
export function keepsUnattended(after: State, reduce: Reduce = wizard): void {
  const { question } = screenOf(after);
  if (question.kind === 'wait' || question.kind === 'text') return;
  const flag = question.kind === 'continue' ? undefined : question.flag;
  expect((flag === undefined) !== (question.unattended === undefined)).toBe(true);
  if (question.unattended === undefined) return;
  const value = question.unattended;
  const next = reduce(after, { type: 'answer', question: question.id, value });
  expect(next.state).not.toBe(after);
  expect(next.tasks.some(({ type }) => type === 'run-step')).toBe(false);
}

/** What is enabled does something; what is not gives its reason and does nothing. Leaving and escalating are always there. */
export function keepsActions(after: State, reduce: Reduce = wizard): void {
  const actions = actionsOf(after);
  for (const { id, enabled, reason } of actions) {
    const next = reduce(after, { type: 'action', action: id });
    const changed = next.state !== after || next.tasks.length > 0;
    expect([id, changed]).toEqual([id, enabled]);
    if (!enabled) expect(reason).toBeTruthy();
  }
  if (!after.outcome) expect(actions.map(({ id }) => id)).toContain('leave');
  if (!after.outcome && !after.leaving) expect(actions.map(({ id }) => id)).toContain('escalate');
  const keys = actions.filter(({ enabled }) => enabled).flatMap((action) => action.keys);
  expect(new Set(keys).size).toBe(keys.length);
}
