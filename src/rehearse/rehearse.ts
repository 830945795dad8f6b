/** Rehearses a plan: looks, chooses the way, says what it will need, works within the limits, leaves nothing. */
import type { Connection } from '../postgres/settings.ts';
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
import type { Catalog, Plan } from '../sql/types.ts';
import { neededFor, tooMuch } from './limits.ts';
import { ownNames } from './names.ts';
import { play } from './play.ts';
import { databaseWay, type DatabaseWay } from './database-way.ts';
import { NoCopy } from './dump.ts';
import { dropLeftOvers } from './left-over.ts';
import { inScratchDatabase } from './scratch-database.ts';
import { embeddedRefusals, inEmbedded } from './embedded.ts';
import { inScratchSchema, readingRefusals, schemaRefusals } from './scratch-schema.ts';
import { Halted, type Stage, type Subject, type Watch } from './stage.ts';
import {
  WAYS,
  type Needed,
  type Rehearsal,
  type RehearsalNews,
  type RehearsalOptions,
  type Way,
} from './types.ts';

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
  /** Of the database, for a scratch database beside it and for pg_dump. */
  connection: Connection;
  open(connection: Connection): Promise<Session>;
  env: NodeJS.ProcessEnv;
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
  await cleanUp(request);
  const { subject, procedures } = await subjectOf(request, look);
  const { options } = request;
  const refused: Rehearsal['refused'] = [];
  for (const way of options.way ? [options.way] : WAYS) {
    const ready = await readyFor(way, { subject, procedures, look }, request);
    if (Array.isArray(ready)) {
      refused.push({ way, reasons: ready });
      continue;
    }
    const { needed } = ready;
    const much = way === 'embedded' ? null : tooMuch(needed, options.sizeLimit);
    if (much !== null && (way !== 'database' || options.way === 'database'))
      return over({ outcome: 'limit', refused, needed, stopped: much });
    if (much !== null) {
      refused.push({ way, reasons: [much] });
      continue;
    }
    try {
      return over({ refused, needed, ...(await withinLimits(request, look, subject, ready, way)) });
    } catch (error) {
      if (!(error instanceof NoCopy)) throw error;
      refused.push({ way, reasons: error.reasons });
    }
  }
  return over({ outcome: 'refused', refused, stopped: 'There is no way to rehearse this plan.' });
}

/** What a way will need, and of a scratch database what it is made from. */
interface Ready {
  needed: Needed;
  database: DatabaseWay | null;
}

/** @returns why the way is not open, where it is not. @throws {DatabaseError} */
async function readyFor(
  way: Way,
  { subject, procedures, look }: { subject: Subject; procedures: Procedure[]; look: Look },
  { session, server, options, env }: RehearseRequest,
): Promise<Ready | string[]> {
  const { catalog, definitions } = look;
  const free = way === 'embedded' || server.embedded ? null : await freeRoom({ session, server });
  if (way === 'database') {
    const found = await databaseWay({ subject, session, catalog, procedures, free, env, options });
    return Array.isArray(found) ? found : { needed: found.needed, database: found };
  }
  const reasons = await refusalsOf(way, subject, session, catalog);
  if (reasons.length > 0) return reasons;
  return { needed: neededFor({ definitions, procedures, free, options }), database: null };
}

async function refusalsOf(way: Way, subject: Subject, session: Session, catalog: Catalog): Promise<string[]> {
  if (way === 'schema') return schemaRefusals(subject, session, catalog);
  if (subject.server.embedded) return ['The database is the embedded one itself.'];
  return [...(await readingRefusals(subject, session, catalog)), ...embeddedRefusals(subject)];
}

/** What rehearsals that were killed left behind. */
async function cleanUp({ server, session, hear }: RehearseRequest): Promise<void> {
  if (server.embedded || server.standby || server.readOnly) return;
  const names = await dropLeftOvers(session);
  if (names.length > 0) hear({ type: 'dropped', names });
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
    undo: null,
    notRehearsed: [],
    left: null,
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
    known: look.plan,
    elsewhere: look.catalog.elsewhere ?? {},
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
  { needed, database }: Ready,
  way: Way,
): Promise<Partial<Rehearsal>> {
  const { options, hear, stop, now } = request;
  const session = subject.server.embedded ? request.session : await request.openOther();
  let halted: Halted | null = null;
  let end = (): void => undefined;
  const halt = (kind: Halted['kind'], words: string): void => {
    halted ??= new Halted(kind, words);
    end();
    // The session of a scratch database only makes and drops it.
    if (!database) void session.cancel().catch(() => undefined);
  };
  const asked = (): void => halt('stopped', 'It was stopped.');
  const timer = setTimeout(
    () => halt('limit', `--time-limit (${options.timeLimitSeconds} s) was reached.`),
    options.timeLimitSeconds * 1000,
  );
  if (stop.aborted) asked();
  stop.addEventListener('abort', asked);
  let left: string | null = null;
  const watch: Watch = {
    hear(news) {
      if (news.type === 'left') left = news.name;
      hear(news);
    },
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
    if (database) {
      const { connection, open, env } = request;
      const more = { way: database, connection, open, env, sizeLimit: options.sizeLimit };
      const done = await inScratchDatabase({ ...work, ...more, halt, ending: (how) => (end = how) }, use);
      return { ...done, left };
    }
    return await inEmbedded({ ...work, share: needed.share, ending: (how) => (end = how) }, use);
  } catch (error) {
    // What the server answers to our own cancel is no finding.
    const cause =
      error instanceof Halted ? error : error instanceof DatabaseError ? (halted as Halted | null) : null;
    if (!cause) throw error;
    return { ...found, left, outcome: cause.kind, stopped: cause.message };
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', asked);
    if (!subject.server.embedded) await session.close();
  }
}

/** What hangs on a table and is on every copy of it. */
const COPIED: ReadonlySet<string> = new Set([
  ...[
    'index',
    'constraint',
    'key or exclusion constraint',
    'check constraint',
    'statistics',
    'generated column',
  ],
  ...['comment', 'column comment', 'storage parameters', 'replica identity', 'tablespace'],
]);

/** What no copy shows, one sentence each. */
function notRehearsed({ attachments }: Look, way: Way): string[] {
  const hanging = attachments
    .filter(({ kind }) => way !== 'database' && !COPIED.has(kind))
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
