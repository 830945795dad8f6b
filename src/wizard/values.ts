/** Values that the runbook leaves open: one question for each, before the plan is made. No run is behind them. */
import { whyNotValue } from '../runbook/values/check.ts';
import type { OpenValue } from '../runbook/values/types.ts';
import type { Asked } from './asked.ts';
import { to, type Reduced } from './reduced.ts';
import type { State } from './types.ts';

export const isAtValues = ({ values }: State): boolean => values !== null;

/** The next that has no value. */
export const nextValue = ({ values }: State): OpenValue | null =>
  values?.open.find(({ name }) => values.given[name] === undefined) ?? null;

type Ask = (kind: Asked['kind'], name: string, values: string[] | null, subject?: string) => Asked;

export function valueAsked(state: State, ask: Ask): Asked | null {
  const open = nextValue(state);
  return open ? ask('text', 'value', null, open.name) : null;
}

/** What cannot be a value is said so, and asked for again. */
export function answerOpenValue(state: State, value: string): Reduced {
  const { values } = state;
  const open = nextValue(state);
  if (!values || !open) return to(state);
  const why = whyNotValue(value, open.secret);
  if (why !== null) return to({ ...state, notice: why });
  const next = { ...state, values: { ...values, given: { ...values.given, [open.name]: value } } };
  return nextValue(next) === null ? leaveValues(next) : to(next);
}

export const leaveValues = (state: State): Reduced =>
  to({ ...state, outcome: { outcome: 'declined', exitStatus: 0 } });
