/** The forms in which each step can be carried out, each with the very actions that would be sent. */
import type { TableDefinition } from '../definition.ts';
import { nextStatements } from '../position.ts';
import { doesNothing } from '../position/companions.ts';
import { catalogAfter } from '../symbolic.ts';
import { definitionsWithout, leftOvers, withoutLeftOvers, type LeftOver } from '../lone/left-over.ts';
import type { Plan, Statement } from '../types.ts';
import { asWrittenOffer, copyOffer, loneOffer, mappingFor, rewriteOffer } from './forms.ts';
import type { OffersRequest, StepRequest } from './request.ts';
import { definitionsThen } from './then.ts';
import type { FormOffer, StepOffers } from './types.ts';

export { procedureHash } from './hash.ts';
export type { OffersRequest } from './request.ts';

/** Under this size as-written is recommended: it is done in moments, and is what the runbook says to the letter. */
const SMALL_BYTES = 1024 * 1024;

function unsized(definition: TableDefinition): TableDefinition {
  return { ...definition, heapBytes: 0, indexBytes: 0, estimatedRows: 0 };
}

const ONE_STATEMENT = 'It is one statement that runs outside of transactions.';

/** Why a step keeps its own form, whatever its statements are about. */
function obstacle(pending: readonly Statement[], partial: readonly number[]): string | null {
  const strange = pending.find(({ effects }) => effects.some(({ kind }) => kind === 'not-understood'));
  if (strange) return `Statement ${strange.index} is not understood.`;
  const [half] = partial;
  return half === undefined ? null : `Statement ${half} has been carried out in part.`;
}

function stepRequest(request: OffersRequest, at: number, leftOver: readonly LeftOver[]): StepRequest | null {
  const { plan, position } = request;
  const step = plan.steps[at];
  const next = new Set(nextStatements(plan, position));
  const pending =
    step?.statements.filter((statement) => next.has(statement) && !doesNothing(statement)) ?? [];
  if (!step || pending.length === 0) return null;
  const before: Plan = { ...plan, steps: plan.steps.slice(0, at) };
  const earlier = before.steps
    .flatMap(({ statements }) => statements)
    .filter((statement) => next.has(statement));
  const catalog = catalogAfter(before, request.catalog, position);
  const { definitions, touched } = definitionsThen(request.definitions, earlier, catalog);
  const states = position.steps.find(({ id }) => id === step.id)?.statements ?? [];
  const partial = states.filter(({ state }) => state === 'partial').map(({ index }) => index);
  return {
    request,
    step,
    pending,
    catalog,
    definitions: definitions.map(unsized),
    sized: definitions,
    touched,
    leftOver: leftOver.find((one) => one.step === step.id) ?? null,
    later: plan.steps
      .slice(at + 1)
      .flatMap(({ statements }) => statements)
      .filter((statement) => next.has(statement)),
    only: step.lone === undefined ? obstacle(pending, partial) : ONE_STATEMENT,
  };
}

/** Recommended first, refused ones last. */
function inOrder(offers: readonly FormOffer[], size: number): FormOffer[] {
  const [written, ...others] = offers;
  const ranked =
    written && size < SMALL_BYTES ? [written, ...others] : [...others, ...(written ? [written] : [])];
  return [...ranked.filter(({ procedure }) => procedure), ...ranked.filter(({ procedure }) => !procedure)];
}

/**
 * Rights may go between two steps: what was not agreed to beforehand, a step that no undo knows of, is not offered then.
 */
function unkept({ keepsJournal, withoutArchive }: OffersRequest): string | null {
  if (keepsJournal || withoutArchive) return null;
  return 'The journal in schema backout cannot be written by this role, so no undo would know of the step.';
}

const FORMS: readonly FormOffer['form'][] = ['as-written', 'copy-and-swap', 'rewrite'];

function offersOf(facts: StepRequest): StepOffers {
  const why = unkept(facts.request);
  if (why !== null) {
    const offers = FORMS.map((form): FormOffer => ({ form, refused: [why], procedure: null }));
    return { step: facts.step.id, offers };
  }
  const written = facts.step.lone === undefined ? asWrittenOffer(facts) : loneOffer(facts, facts.step.lone);
  const found = mappingFor(facts);
  if (typeof found === 'string') {
    const refused = (form: FormOffer['form']): FormOffer => ({ form, refused: [found], procedure: null });
    return {
      step: facts.step.id,
      offers: inOrder([written, refused('copy-and-swap'), refused('rewrite')], 0),
    };
  }
  const { mapping, sized } = found;
  const offers = [written, copyOffer(facts, mapping, sized), rewriteOffer(facts, mapping, sized)];
  return { step: facts.step.id, offers: inOrder(offers, sized.heapBytes + sized.indexBytes) };
}

/**
 * Every form of every step that still has something to run. Pure; needs `loadParser`. A step that comes after others
 * still to run is worked out on the database as these will leave it.
 */
export function offersFor(request: OffersRequest): StepOffers[] {
  const found = leftOvers(request.plan, request.catalog);
  const asMeant: OffersRequest = {
    ...request,
    catalog: withoutLeftOvers(request.catalog, found),
    definitions: definitionsWithout(request.definitions, found),
  };
  return request.plan.steps.flatMap((_step, at) => {
    const facts = stepRequest(asMeant, at, found);
    return facts === null ? [] : [offersOf(facts)];
  });
}
