/** Which forms are offered, in which order, and what a confirmation of one is bound to. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { offersFor, type OffersRequest } from '../../src/sql/procedure/index.ts';
import type { FormOffer } from '../../src/sql/procedure/types.ts';
import type { Plan } from '../../src/sql/types.ts';
import { allPending, openBench, type Bench } from '../postgres/support.ts';
import { shippedEdition } from '../sql/documents.ts';
import { migrated } from '../support/states.ts';
import { offered, requestFor } from './support.ts';

let bench: Bench;
let plan: Plan;
let request: OffersRequest;

beforeAll(async () => {
  await loadParser();
  bench = await openBench({ state: (db) => migrated(db) });
  plan = shippedEdition();
});

afterAll(() => bench.close());

beforeEach(async () => {
  request = await requestFor(bench.session, plan, allPending(plan));
});

/** The tables as if they were large. */
const large = (more: Partial<OffersRequest> = {}): OffersRequest => ({
  ...request,
  definitions: request.definitions.map((one) => ({ ...one, heapBytes: 300_000_000 })),
  ...more,
});

const forms = (offers: readonly FormOffer[] = []): string[] =>
  offers.map(({ form, procedure }) => (procedure ? form : `not ${form}`));

const of = (from: OffersRequest, step: string): FormOffer[] =>
  offersFor(from).find((one) => one.step === step)?.offers ?? [];

describe('the order', () => {
  it('recommends the copy for a large table, the statements for a small one', () => {
    expect(forms(of(large(), 'step-1'))).toEqual(['copy-and-swap', 'rewrite', 'as-written']);
    expect(forms(of(request, 'step-1'))).toEqual(['as-written', 'copy-and-swap', 'rewrite']);
  });

  it('puts what is refused last, with the reason', () => {
    const offers = of(large(), 'step-4');
    expect(forms(offers)).toEqual(['as-written', 'not copy-and-swap', 'not rewrite']);
    expect(offers[1]?.refused).toEqual([
      'The step rewrites no table, so there is nothing to do in another way.',
    ]);
  });

  it('offers every step that has something to run, and no other', () => {
    const position = allPending(plan);
    const done = position.steps.map((step) =>
      step.id === 'step-1'
        ? { ...step, statements: step.statements.map((one) => ({ ...one, state: 'applied' as const })) }
        : step,
    );
    expect(offersFor({ ...request, position: { steps: done } }).map(({ step }) => step)).toEqual([
      'step-2',
      'step-3',
      'step-4',
    ]);
  });
});

describe('without', () => {
  it('the archive there is no copy, and nothing is kept', () => {
    const offers = of(large({ withoutArchive: true }), 'step-1');
    expect(forms(offers)).toEqual(['rewrite', 'as-written', 'not copy-and-swap']);
    expect(offered(offers, 'copy-and-swap').refused.join(' ')).toMatch(/no place for the old table/);
    const { procedure } = offered(offers, 'rewrite');
    expect(procedure?.actions.some(({ role }) => role === 'archive')).toBe(false);
    expect(procedure?.notUndoable).toEqual(['Nothing was archived.']);
  });

  it('knowing what rights new tables are given there is no copy', () => {
    const rest = large();
    delete rest.defaultGrantees;
    expect(forms(of(rest, 'step-1'))).toEqual(['rewrite', 'as-written', 'not copy-and-swap']);
  });

  it('being a superuser or the owner there is no copy', () => {
    const user = { name: 'somebody', superuser: false };
    expect(offered(of(large({ user }), 'step-1'), 'copy-and-swap').refused.join(' ')).toMatch(
      /belongs to postgres/,
    );
    expect(forms(of(large({ user: { name: 'postgres', superuser: false } }), 'step-1'))[0]).toBe(
      'copy-and-swap',
    );
  });

  it('a journal no form is offered, unless it was agreed to go without an archive: then no row is written', () => {
    const refused = of(large({ keepsJournal: false }), 'step-1');
    expect(refused.map(({ procedure }) => procedure)).toEqual([null, null, null]);
    expect(refused[0]?.refused.join(' ')).toMatch(/no undo would know of the step/);
    const without = large({ keepsJournal: false, withoutArchive: true });
    const { procedure } = offered(of(without, 'step-1'), 'rewrite');
    expect(procedure?.actions.some(({ role }) => role === 'record')).toBe(false);
  });
});

describe('a procedure', () => {
  it('is the same when only sizes have changed, and another when anything else has', () => {
    const hashes = (from: OffersRequest): (string | undefined)[] =>
      ['as-written', 'copy-and-swap', 'rewrite'].map(
        (form) => of(from, 'step-1').find((offer) => offer.form === form)?.procedure?.hash,
      );
    const first = hashes(request);
    expect(new Set(first).size).toBe(3);
    expect(hashes(large())).toEqual(first);
    for (const other of [
      { lookHash: 'another look' },
      { run: '20261122-1600-aaaa' },
      { withoutArchive: true },
    ]) {
      const changed = hashes({ ...request, ...other });
      expect(changed.filter((hash, at) => hash !== undefined && hash === first[at])).toEqual([]);
    }
  });

  it('carries every statement, ends with the journal row, and that row has its hash', () => {
    for (const { step, offers } of offersFor(large())) {
      const statements = plan.steps.find(({ id }) => id === step)?.statements ?? [];
      for (const { form, procedure } of offers) {
        if (!procedure) continue;
        const carried = new Set(procedure.actions.flatMap(({ carries }) => carries));
        expect(
          [...carried].sort((one, other) => one - other),
          `${step} ${form}`,
        ).toEqual(statements.map(({ index }) => index));
        const last = procedure.actions.at(-1);
        expect(last?.role).toBe('record');
        expect(last?.sql).toMatch(/^INSERT INTO backout\.step /);
        expect(last?.params?.[0]).toBe(procedure.hash);
        expect(procedure.actions.map(({ index }) => index)).toEqual(
          procedure.actions.map((_one, at) => at + 1),
        );
      }
    }
  });

  it('asks for several processes only where the server has them', () => {
    const asks = (embedded: boolean): boolean | undefined =>
      offered(of(large({ embedded }), 'step-1'), 'copy-and-swap').procedure?.actions.some(({ sql }) =>
        sql.includes('parallel_tuple_cost'),
      );
    expect([asks(false), asks(true)]).toEqual([true, false]);
  });

  it('says what it costs, and what it rests on', () => {
    const costs = of(large(), 'step-1').map(({ procedure }) => procedure?.cost);
    expect(costs.map((cost) => [cost?.readers, cost?.writers])).toEqual([
      [true, false],
      [false, false],
      [false, false],
    ]);
    expect(costs[2]?.bytes).toBeGreaterThan((costs[1]?.bytes ?? 0) * 1.2);
    for (const cost of costs) expect(cost?.basis).toMatch(/codebase_snapshots/);
  });
});

describe('a later step', () => {
  it('keeps its statements when an earlier one, still to run, changes its table', async () => {
    const two = planFromSql(
      'UPDATE codebase_snapshots SET snapshot_id = 1; UPDATE codebase_snapshots SET summary = NULL;',
    );
    const [step] = two.steps;
    if (!step) throw new Error('no step');
    const split: Plan = {
      ...two,
      steps: step.statements.map((one, at) => ({ ...step, id: `step-${at + 1}`, statements: [one] })),
    };
    const offers = offersFor(await requestFor(bench.session, split, allPending(split)));
    expect(forms(offers[0]?.offers)).toEqual(['as-written', 'copy-and-swap', 'rewrite']);
    expect(offered(offers[1]?.offers ?? [], 'rewrite').refused).toEqual([
      'An earlier step, which has not run yet, changes codebase_snapshots as well.',
    ]);
  });

  it('is worked out on tables under the names they will have', async () => {
    const one = planFromSql('ALTER TABLE codebase_snapshots RENAME TO x;');
    const other = planFromSql('DROP TABLE x;');
    const steps = [one, other].flatMap(({ steps }, at) =>
      steps.map((step) => ({ ...step, id: `step-${at + 1}` })),
    );
    const both: Plan = { ...one, steps };
    const offers = offersFor(await requestFor(bench.session, both, allPending(both)));
    const { procedure } = offered(offers[1]?.offers ?? [], 'as-written');
    expect(procedure?.archive).toMatchObject([{ kind: 'table', object: 'x' }]);
    expect(procedure?.actions.some(({ sql }) => sql.includes('"public"."x" RENAME TO'))).toBe(true);
  });
});
