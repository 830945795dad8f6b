/** The shipped runbook's Steps 1 and 2 end the same in every form. */
import { beforeAll, describe, expect, it } from 'vitest';
import { allDifferences } from '../../src/sql/definition-differences.ts';
import { loadParser } from '../../src/sql/parse.ts';
import type { Plan } from '../../src/sql/types.ts';
import { shippedEdition, firstEdition } from '../sql/documents.ts';
import * as states from '../support/states.ts';
import type { Database } from '../support/states.ts';
import { inForm, type Outcome } from './support.ts';

beforeAll(loadParser);

/** One step alone: the other has not been reached, and does not touch its table. */
function alone(plan: Plan, step: string): Plan {
  return { ...plan, steps: plan.steps.filter(({ id }) => id === step) };
}

async function sameInAll(state: (db: Database) => Promise<void>, plan: Plan): Promise<Outcome> {
  const written = await inForm(state, plan, 'as-written');
  expect(
    written.offers
      .filter(({ procedure }) => procedure)
      .map(({ form }) => form)
      .sort(),
  ).toEqual(['as-written', 'copy-and-swap', 'rewrite']);
  const expected = written.outcome as Outcome;
  for (const form of ['rewrite', 'copy-and-swap'] as const) {
    const { outcome, procedure } = await inForm(state, plan, form);
    expect(
      allDifferences(expected.definitions, outcome?.definitions ?? [], { columnOrder: true }),
      form,
    ).toEqual([]);
    expect(outcome?.rows, form).toEqual(expected.rows);
    const carried = new Set(procedure?.actions.flatMap(({ carries }) => carries));
    expect(
      [...carried].sort((a, b) => a - b),
      form,
    ).toEqual(plan.steps[0]?.statements.map(({ index }) => index));
  }
  return expected;
}

describe('the edition that ships', () => {
  it.each(['step-1', 'step-2'])('%s of a database written to since', async (step) => {
    const outcome = await sameInAll(states.writtenSince, alone(shippedEdition(), step));
    const table = step === 'step-1' ? 'detection_events' : 'git_sessions';
    expect(outcome.rows[table]?.length).toBeGreaterThan(30);
  });
});

describe('the first edition', () => {
  it.each(['step-1', 'step-2'])('%s', async (step) => {
    await sameInAll(states.writtenSince, alone(firstEdition(), step));
  });
});

describe('a step broken off', () => {
  it('goes on in another form from where it stands', async () => {
    const plan = alone(shippedEdition(), 'step-1');
    const statements = plan.steps[0]?.statements ?? [];
    const state = async (db: Database): Promise<void> => {
      await states.writtenSince(db);
      for (const { sql } of statements.slice(0, 6)) await db.exec(sql);
    };
    const position = {
      steps: [
        {
          id: 'step-1',
          state: 'partial' as const,
          statements: statements.map(({ index }) => ({
            index,
            state: index <= 6 ? ('applied' as const) : ('pending' as const),
            reason: '',
          })),
        },
      ],
    };
    const written = await inForm(state, plan, 'as-written', { position });
    for (const form of ['rewrite', 'copy-and-swap'] as const) {
      const { outcome } = await inForm(state, plan, form, { position });
      expect(outcome?.rows, form).toEqual(written.outcome?.rows);
      expect(
        allDifferences(written.outcome?.definitions ?? [], outcome?.definitions ?? [], { columnOrder: true }),
        form,
      ).toEqual([]);
    }
  });
});
