/** The procedure of one step in one form, or the reasons why there is none. */
import { asWritten, type AsWritten } from '../archive/as-written.ts';
import { draft, JOURNAL_SCHEMA, numbered, type Draft } from '../archive/draft.ts';
import { archivedAction, fillHash, recordActions } from '../archive/record.ts';
import type { TableDefinition } from '../definition.ts';
import { copyParts } from '../forms/copy.ts';
import { mappingOf, newNames, type Mapping } from '../forms/mapping.ts';
import { copyRefusals, rewriteRefusals } from '../forms/refusals.ts';
import { rewriteDrafts } from '../forms/rewrite.ts';
import { writtenTable } from '../forms/target.ts';
import { orSentence, refuse } from '../forms/unfit.ts';
import { withLooks } from '../psql/looks.ts';
import { name } from '../risk/text.ts';
import type { Effect, Statement } from '../types.ts';
import { loneDrafts } from '../lone/procedure.ts';
import { costAsWritten, costOfCopy, costOfLone, costOfRewrite } from './cost.ts';
import { procedureHash } from './hash.ts';
import type { StepRequest } from './request.ts';
import type {
  ArchiveEntry,
  Form,
  FormCost,
  FormOffer,
  Lone,
  Procedure,
  StepLocks,
  StepRecord,
} from './types.ts';

const without = (form: Form, refused: string[]): FormOffer => ({ form, refused, procedure: null });

interface Made {
  form: Form;
  drafts: Draft[];
  locks: StepLocks[];
  archive: ArchiveEntry[];
  notUndoable: string[];
  record: StepRecord;
  cost: FormCost;
  lone?: Lone;
}

function offered({ request, step }: StepRequest, made: Made): FormOffer {
  const { form, archive, cost, notUndoable, record } = made;
  const locks = [...(request.toolLocks ?? []), ...made.locks];
  const actions = numbered(withLooks(made.drafts, step.looks));
  const hash = procedureHash(request.lookHash, form, locks, actions);
  const procedure: Procedure = {
    ...(made.lone === undefined ? {} : { lone: made.lone }),
    step: step.id,
    title: step.title,
    form,
    actions: fillHash(actions, hash),
    locks,
    guarded: record.before.map((table) => table.name),
    archive,
    cost,
    notUndoable,
    hash,
  };
  return { form, refused: [], procedure };
}

function written(facts: StepRequest, pending: readonly Statement[], keepsJournal: boolean): AsWritten {
  const { request, step, catalog, definitions, touched: earlier, later } = facts;
  return asWritten({ ...request, step, pending, catalog, definitions, keepsJournal, earlier, later });
}

/** The statements as they stand. */
export function asWrittenOffer(facts: StepRequest): FormOffer {
  const { request, pending, sized } = facts;
  let whole: AsWritten;
  try {
    whole = written(facts, pending, request.keepsJournal);
  } catch (error) {
    // What cannot be kept is not destroyed: without the archive the statements stand as they are.
    return without('as-written', [error instanceof Error ? error.message : String(error)]);
  }
  const { drafts, locks, archive, notUndoable, record } = whole;
  const cost = costAsWritten({ definitions: sized, statements: pending, locks, archive });
  return offered(facts, { form: 'as-written', drafts, locks, archive, notUndoable, record, cost });
}

/** One statement outside of transactions, between what is written down before it and after it. */
export function loneOffer(facts: StepRequest, name: string): FormOffer {
  const { request, pending, sized, step, leftOver } = facts;
  const whole = written(facts, pending, false);
  const { locks, archive, notUndoable, record } = whole;
  const made = loneDrafts({ ...request, step, name, whole, leftOver });
  if (typeof made === 'string') return without('as-written', [made]);
  const cost = costOfLone({ definitions: sized, statements: pending, locks, archive });
  return offered(facts, { form: 'as-written', ...made, locks, archive, notUndoable, record, cost });
}

/** The table that the other forms are for, and what the statements make of it; else why there is none. */
export function mappingFor(facts: StepRequest): { mapping: Mapping; sized: TableDefinition } | string {
  const { request, pending, definitions, sized, catalog, touched, only } = facts;
  if (only !== null) return only;
  const large = writtenTable(sized, pending, request.schema);
  const table = definitions.find((one) => one.name === large?.name);
  if (!large || !table) return 'The step rewrites no table, so there is nothing to do in another way.';
  if (table.bare !== undefined) return `${table.name} is in another schema than the run's.`;
  if (touched.has(table.name))
    return `An earlier step, which has not run yet, changes ${table.name} as well.`;
  const others = Object.values(catalog.tables).filter((one) => one.name !== table.name);
  const taken = others.flatMap((one) => [one, ...one.indexes, ...one.constraints].map((each) => each.name));
  const mapping = mappingOf(table, pending, request.schema, new Set(taken));
  return typeof mapping === 'string' ? mapping : { mapping, sized: large };
}

function journal(
  facts: StepRequest,
  form: Form,
  record: StepRecord,
  counted: readonly number[] = [],
): Draft[] {
  const { request, step } = facts;
  if (!request.keepsJournal) return [];
  return recordActions({ run: request.run, step: step.id, title: step.title, form, record }, counted);
}

const refusalFacts = ({ request, definitions }: StepRequest, mapping: Mapping) => ({
  mapping,
  attachments: request.attachments,
  tables: definitions.map((one) => one.name),
  user: request.user ?? null,
});

/** The table written once instead of at every UPDATE; the rest of the step as written. */
export function rewriteOffer(facts: StepRequest, mapping: Mapping, sized: TableDefinition): FormOffer {
  const refused = rewriteRefusals(refusalFacts(facts, mapping));
  if (refused.length > 0) return without('rewrite', refused);
  const made = orSentence((): Made => {
    const whole = written(facts, facts.pending, false);
    const own = new Set(mapping.statements.map(({ index }) => index));
    const rest = whole.drafts.filter(
      ({ role, carries }) => role !== 'statement' || !carries.some((at) => own.has(at)),
    );
    // What is kept of the table is kept before its first statement.
    const first = whole.drafts.findIndex(
      ({ role, carries }) => role === 'statement' && carries.some((at) => own.has(at)),
    );
    const before = whole.drafts.slice(0, first);
    const record: StepRecord = { ...whole.record, form: 'rewrite' };
    const drafts = [
      ...before,
      ...rewriteDrafts(mapping),
      ...rest.slice(before.length),
      ...journal(facts, 'rewrite', record),
    ];
    const { locks, archive, notUndoable } = whole;
    const cost = costOfRewrite(
      { definitions: facts.sized, statements: facts.pending, locks, archive },
      sized,
    );
    return { form: 'rewrite', drafts, locks, archive, notUndoable, record, cost };
  });
  return typeof made === 'string' ? without('rewrite', [made]) : offered(facts, made);
}

/** Statements that only drop tables wait for the short lock: the catalog alone is written by them. */
const drops = ({ effects }: Statement): boolean =>
  effects.length > 0 && effects.every(({ kind }) => kind === 'drop-table');

/** Every name that an effect uses for a table. */
function tableNames(effect: Effect): string[] {
  if ('from' in effect) return [effect.from, effect.to];
  return [...('table' in effect ? [effect.table] : []), ...('reads' in effect ? effect.reads : [])];
}

/**
 * @throws {DoesNotFit} when another statement uses the dropped table's name, or a name that goes with it, in a way that
 * depends on the order
 */
function waiting({ side, statements }: Mapping, definitions: readonly TableDefinition[]): Statement[] {
  const late = side.filter(drops);
  for (const drop of late) {
    const gone = drop.effects.flatMap((effect) => (effect.kind === 'drop-table' ? [effect.table] : []));
    const clash = side.find(({ index, effects }) =>
      effects.some(
        (effect) =>
          (index > drop.index || effect.kind === 'rename-table') &&
          index !== drop.index &&
          tableNames(effect).some((each) => gone.includes(each)),
      ),
    );
    const table = definitions.filter((one) => gone.includes(one.name));
    const free = new Set(
      table.flatMap((one) => [...one.indexes, ...one.constraints, ...one.sequences].map((each) => each.name)),
    );
    const takes = [...side, ...statements].find(
      ({ index, effects }) => index > drop.index && effects.flatMap(newNames).some((each) => free.has(each)),
    );
    if (takes)
      refuse(`Statement ${takes.index} takes a name that goes with what statement ${drop.index} drops.`);
    if (clash)
      refuse(`Statement ${clash.index} uses the name of a table that statement ${drop.index} drops.`);
  }
  return late;
}

/** A stronger lock than the one held: on each table that goes, in one order. */
function lockDraft(schema: string, tables: readonly string[]): Draft {
  const list = [...tables].sort().map((table) => `${name(schema)}.${name(table)}`);
  return draft(
    'lock',
    `LOCK TABLE ${list.join(', ')} IN ACCESS EXCLUSIVE MODE`,
    'Keeps readers out as well, for the moment in which the tables are exchanged.',
  );
}

/** The restored table built beside the current one, then exchanged. */
export function copyOffer(facts: StepRequest, mapping: Mapping, sized: TableDefinition): FormOffer {
  const { request, step } = facts;
  const refused = copyRefusals(refusalFacts(facts, mapping));
  if (request.withoutArchive) refused.push('Without the archive there is no place for the old table.');
  if (!request.keepsJournal)
    refused.push(`Without the schema ${JOURNAL_SCHEMA} nothing could be written down of it.`);
  if (request.defaultGrantees === undefined)
    refused.push('It is not known what rights new tables are given by default.');
  if (refused.length > 0) return without('copy-and-swap', refused);
  const made = orSentence((): Made => {
    const late = new Set(waiting(mapping, facts.definitions).map(({ index }) => index));
    const side = written(facts, mapping.side, false);
    const whole = written(facts, facts.pending, false);
    const { before } = mapping;
    const seq = Math.max(0, ...side.archive.map((entry) => entry.seq)) + 1;
    const parts = copyParts({
      mapping,
      run: request.run,
      step: step.id,
      seq,
      defaultGrantees: request.defaultGrantees ?? [],
      parallel: !request.embedded,
    });
    const archive = [...side.archive, parts.entry];
    const notUndoable = side.notUndoable;
    const record: StepRecord = { ...whole.record, form: 'copy-and-swap', archive, notUndoable };
    const isLate = (one: Draft): boolean => one.carries.some((at) => late.has(at));
    const going = facts.definitions.filter((one) => record.dropped.includes(one.name)).map((one) => one.name);
    const early = archive.filter(
      (entry) => entry.kind === 'table' && (entry === parts.entry || going.includes(entry.object)),
    );
    const place = { run: request.run, step: step.id, schema: request.schema };
    const drafts = [
      ...side.drafts.filter((one) => !isLate(one)),
      ...parts.build,
      ...early.map((entry) => archivedAction(place, entry, { schema: before.schema, table: entry.object })),
      lockDraft(before.schema, [before.name, ...going]),
      ...side.drafts.filter(isLate),
      ...parts.swap,
      ...journal(
        facts,
        'copy-and-swap',
        record,
        early.map((entry) => entry.seq),
      ),
    ];
    const calm = [before.name, ...going];
    const locks = whole.locks.map((lock): StepLocks =>
      calm.includes(lock.table) && lock.schema === undefined && lock.level === 'ACCESS EXCLUSIVE'
        ? { ...lock, level: 'SHARE ROW EXCLUSIVE' }
        : lock,
    );
    const cost = costOfCopy({ definitions: facts.sized, statements: facts.pending, locks, archive }, sized);
    return { form: 'copy-and-swap', drafts, locks, archive, notUndoable, record, cost };
  });
  return typeof made === 'string' ? without('copy-and-swap', [made]) : offered(facts, made);
}
