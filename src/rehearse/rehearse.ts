/** Rehearses a plan: looks, chooses the way, says what it will need, works within the limits, leaves nothing. */
import { freeRoom } from '../postgres/prerequisites/room.ts';
import type { ServerInfo } from '../postgres/types.ts';
import { forwardOf } from '../runbook/forward.ts';
import type { Runbook } from '../runbook/types.ts';
import { chosen } from '../runtime/course.ts';
import { lookAt, type Look } from '../runtime/look.ts';
import { loadParser } from '../sql/parse.ts';
import { nextStatements } from '../sql/position.ts';
import { offersFor } from '../sql/procedure/index.ts';
import type { Procedure } from '../sql/procedure/types.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import type { Plan } from '../sql/types.ts';
import { neededFor, tooMuch } from './limits.ts';
import { ownNames } from './names.ts';
import { play } from './play.ts';
import { embeddedRefusals, inEmbedded } from './embedded.ts';
import { inScratchSchema, readingRefusals, schemaRefusals } from './scratch-schema.ts';
import { Halted, type Stage, type Subject, type Watch } from './stage.ts';
import type { Needed, Rehearsal, RehearsalNews, RehearsalOptions, Way } from './types.ts';

export interface RehearseRequest {
  runbook: Runbook;
  plan: Plan;
  run: string;
  server: ServerInfo;
  schema: string;
  /** Looks; not in a transaction. */
  session: Session;
  /** A session for the copy. */
  openOther(): Promise<Session>;
  withoutArchive: boolean;
  options: RehearsalOptions;
  hear(news: RehearsalNews): void;
  /** Aborted: it ends as soon as the server lets it. */
  stop: AbortSignal;
  now(): number;
}

/** @throws {DatabaseError} when the database cannot be looked at, or the copy cannot be made */
export async function rehearse(request: RehearseRequest): Promise<Rehearsal> {
  await loadParser();
  const began = request.now();
  const look = await lookAt(request, request.plan);
  const empty = emptyRehearsal(request, look);
  const over = (more: Partial<Rehearsal>): Rehearsal => ({
    ...empty,
    ...more,
    seconds: (request.now() - began) / 1000,
  });
  const conflict = look.position.steps.find(({ state }) => state === 'conflict');
  if (conflict) {
    const stopped = `Where the database stands is not clear at ${conflict.id}: backout would not run this plan.`;
    return over({ outcome: 'refused', stopped });
  }
  if (nextStatements(request.plan, look.position).length === 0)
    return over({ outcome: 'ok', stopped: 'Nothing is left to run, so nothing was rehearsed.' });
  const { subject, procedures } = await subjectOf(request, look);
  const { options, server, session } = request;
  const ways: readonly Way[] = options.way ? [options.way] : ['schema', 'embedded'];
  const refused: Rehearsal['refused'] = [];
  for (const way of ways) {
    const reasons = await refusalsOf(way, subject, request, look);
    if (reasons.length > 0) {
      refused.push({ way, reasons });
      continue;
    }
    const free = way === 'embedded' || server.embedded ? null : await freeRoom({ session, server });
    const needed = neededFor({ definitions: look.definitions, procedures, free, options });
    const much = way === 'embedded' ? null : tooMuch(needed, options.sizeLimit);
    if (much !== null) return over({ outcome: 'limit', refused, needed, stopped: much });
    return over({ refused, needed, ...(await withinLimits(request, look, subject, needed, way)) });
  }
  return over({ outcome: 'refused', refused, stopped: 'There is no way to rehearse this plan.' });
}

async function refusalsOf(
  way: Way,
  subject: Subject,
  { session, server }: RehearseRequest,
  { catalog }: Look,
): Promise<string[]> {
  if (way === 'schema') return schemaRefusals(subject, session, catalog);
  if (server.embedded) return ['The database is the embedded one itself.'];
  return [...(await readingRefusals(subject, session, catalog)), ...embeddedRefusals(subject)];
}

function emptyRehearsal({ plan }: RehearseRequest, look: Look): Rehearsal {
  return {
    outcome: 'ok',
    way: null,
    refused: [],
    plan: plan.hash,
    look: look.hash,
    needed: null,
    tables: [],
    steps: [],
    verification: null,
    notRehearsed: [],
    stopped: '',
    seconds: 0,
  };
}

/** The forms are those that the database would get: how a copy's size is does not decide. */
async function subjectOf(
  request: RehearseRequest,
  look: Look,
): Promise<{ subject: Subject; procedures: Procedure[] }> {
  const { plan, run, schema, server, withoutArchive, runbook, options } = request;
  const offers = offersFor({
    ...look,
    plan,
    run,
    schema,
    withoutArchive,
    lookHash: look.hash,
    forward: forwardOf(runbook),
    toolLocks: [],
    serverVersion: server.versionNumber,
    embedded: server.embedded,
    user: { name: server.user, superuser: server.superuser },
  });
  const procedures = offers.flatMap(({ step }) => chosen(offers, [step], options.forms) ?? []);
  const forms = Object.fromEntries(procedures.map(({ step, form }) => [step, form]));
  const subject: Subject = {
    runbook,
    plan,
    run,
    server,
    schema,
    position: look.position,
    definitions: look.definitions,
    defaultGrantees: look.defaultGrantees,
    keepsJournal: look.keepsJournal,
    withoutArchive,
    forms: { ...forms, ...options.forms },
    names: await ownNames(request.session, schema),
  };
  return { subject, procedures };
}

async function withinLimits(
  request: RehearseRequest,
  look: Look,
  subject: Subject,
  needed: Needed,
  way: Way,
): Promise<Partial<Rehearsal>> {
  const { options, hear, stop, now } = request;
  const session = subject.server.embedded ? request.session : await request.openOther();
  let halted: Halted | null = null;
  let end = (): void => undefined;
  const halt = (kind: Halted['kind'], words: string): void => {
    halted ??= new Halted(kind, words);
    end();
    void session.cancel().catch(() => undefined);
  };
  const asked = (): void => halt('stopped', 'It was stopped.');
  const timer = setTimeout(
    () => halt('limit', `--time-limit (${options.timeLimitSeconds} s) was reached.`),
    options.timeLimitSeconds * 1000,
  );
  if (stop.aborted) asked();
  stop.addEventListener('abort', asked);
  const watch: Watch = {
    hear,
    now,
    stopped: () => halted !== null,
    check() {
      if (halted) throw halted;
    },
  };
  const found: Pick<Rehearsal, 'tables' | 'steps' | 'notRehearsed' | 'way'> = {
    way,
    tables: [],
    steps: [],
    notRehearsed: notRehearsed(look, way),
  };
  hear({ type: 'way', way, needed });
  try {
    const use = async (stage: Stage, notCopied: string[]): Promise<Partial<Rehearsal>> => {
      found.notRehearsed.push(...notCopied);
      const played = await play(subject, stage, watch, found.steps);
      return { ...found, ...played, notRehearsed: [...found.notRehearsed, ...played.notRehearsed] };
    };
    const work = { subject, session, watch, tables: found.tables };
    if (way === 'schema')
      return await inScratchSchema({ ...work, needed, sizeLimit: options.sizeLimit }, use);
    return await inEmbedded({ ...work, share: needed.share, ending: (how) => (end = how) }, use);
  } catch (error) {
    // What the server answers to our own cancel is no finding.
    const cause =
      error instanceof Halted ? error : error instanceof DatabaseError ? (halted as Halted | null) : null;
    if (!cause) throw error;
    return { ...found, outcome: cause.kind, stopped: cause.message };
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', asked);
    if (!subject.server.embedded) await session.close();
  }
}

/** What no copy shows, one sentence each. */
function notRehearsed({ attachments }: Look, way: Way): string[] {
  const hanging = attachments
    .filter(({ kind }) => kind !== 'index' && kind !== 'constraint')
    .map(({ kind, name, table }) => `${kind} ${name} on ${table}: it is not on the copy.`);
  return [
    ...(way === 'embedded'
      ? ['Times and sizes: the embedded PostgreSQL is another version, on another machine than your server.']
      : []),
    'Waiting for locks, and what others do meanwhile: nobody else works on the copy.',
    'Rights, owners and row security: the copy is ours.',
    ...new Set(hanging),
  ];
}
