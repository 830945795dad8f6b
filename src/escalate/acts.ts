/**
 * Everything that can be done when it has gone wrong, in two movements: `prepare` reads and says what would be done,
 * `carryOut` does exactly that. The terminal, plain lines and `backout escalate` all go this way.
 */
import { createHash } from 'node:crypto';
import { EXIT, UserError } from '../exit.ts';
import { bytes as inWords } from '../postgres/activity.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { EscalationAct, EscalationDone, EscalationFacts, Prepared } from '../wizard/types.ts';
import type { ActPlan, ActsOptions, CarryOut, OnLine } from './acts-types.ts';
import { planCommand } from './command-plan.ts';
import { factsOf } from './facts.ts';
import { LOG_FILE, type LogLine } from './log.ts';
import { lookAround } from './look.ts';
import { databaseOf, type EscalationPlace } from './place.ts';
import { judgeRoom, lookAtRoom } from './room.ts';
import { restoreBeside, seeBackup } from './restore.ts';
import { endSql } from './sessions.ts';
import { migrationStatus } from './status.ts';
import { swap, swapPlan } from './swap.ts';
import type { Acted, ConnectedSession, RestoredCheck } from './types.ts';
import { allowPlan, allowWrites, endShown, stopPlan, stopWrites } from './writes.ts';

export interface Acts {
  look(): Promise<EscalationFacts>;
  /** @throws {UserError} {DatabaseError} when it cannot be done */
  prepare(act: EscalationAct, answers: Readonly<Record<string, string>>): Promise<Prepared>;
  /** Of what was prepared last, and once. @throws {UserError} {DatabaseError} */
  carryOut(token: string, onLine: OnLine): Promise<EscalationDone>;
  /** Ends a restore or a command that runs. */
  cancel(): void;
}

export function createActs(options: ActsOptions): Acts {
  let pending: { token: string; prepared: Prepared; carryOut: CarryOut } | null = null;
  let running: { cancel(): void } | null = null;

  const plans: Record<string, (answers: Readonly<Record<string, string>>) => Promise<ActPlan>> = {
    'stop-writes': () => planStop(options.place()),
    'allow-writes': () => planAllow(options.place()),
    restore: ({ path }) => planRestore(options.place(), path ?? '', (child) => (running = child)),
    swap: () => planSwap(options, 'swap'),
    'swap-back': () => planSwap(options, 'back'),
    status: () => planStatus(options),
    'hand-over': ({ folder }) => planHandOver(options, folder ?? null),
  };

  async function planOf(act: EscalationAct, answers: Readonly<Record<string, string>>): Promise<ActPlan> {
    const command = options.commands.find((one) => one.act === act);
    if (command) return planCommand(options, command, answers, (child) => (running = child));
    const plan = plans[act];
    if (!plan) throw new Error(`there is no act ${act}`);
    return plan(answers);
  }

  return {
    look: () => factsOf(options.place()),
    async prepare(act, answers) {
      pending = null;
      const { carryOut, ...plan } = await planOf(act, answers);
      const shown = { words: [], statements: [], sessions: [], tables: null, questions: [], ...plan, act };
      const token = createHash('sha256')
        .update(JSON.stringify([shown, answers, Math.random()]))
        .digest('hex');
      const prepared: Prepared = { ...shown, token };
      if (carryOut) pending = { token, prepared, carryOut };
      return prepared;
    },
    async carryOut(token, onLine) {
      if (pending?.token !== token) throw new Error('what was confirmed is not what was prepared last');
      const { carryOut, prepared } = pending;
      pending = null;
      const line = logLine(options.place(), prepared.act);
      await options.log(line('begun', prepared.title));
      const written = (what: LogLine['what'], text: string): Promise<string | null> =>
        options.log(line(what, text)).then(
          () => null,
          (error: unknown) => (error instanceof Error ? error.message : String(error)),
        );
      try {
        const done = await carryOut(onLine);
        const unwritten = await written(done.ok ? 'done' : 'failed', done.summary);
        // It is done: that its end could not be written down does not undo it.
        return unwritten === null
          ? done
          : { ...done, lines: [...done.lines, untold(prepared.act, unwritten)] };
      } catch (error) {
        await written('failed', error instanceof Error ? error.message : String(error));
        throw error;
      } finally {
        running = null;
      }
    },
    cancel: () => running?.cancel(),
  };
}

const untold = (act: string, why: string): string =>
  `This end of ${act} could not be written into ${LOG_FILE}: ${toLine(why, 300)}. There it still stands as begun.`;

const logLine =
  (place: EscalationPlace, act: string) =>
  (what: LogLine['what'], text: string): LogLine => ({
    at: place.now().toISOString(),
    by: place.by,
    host: place.connection.parameters.host,
    database: databaseOf(place),
    act,
    what,
    text: toLine(text, 1000),
  });

const sessionLine = ({ pid, user, application, address, state, query }: ConnectedSession): string =>
  `pid ${pid}, user ${user}, ${application === '' ? 'no application name' : application}, from ${address}, ${state}${query === '' ? '' : `: ${query}`}`;

const told = (act: EscalationAct, summary: string, { ok, lines }: Acted): EscalationDone => ({
  act,
  ok,
  summary,
  lines,
  tables: null,
  exchanged: false,
});

async function planStop(place: EscalationPlace): Promise<ActPlan> {
  const shown = await lookAround(place);
  const name = databaseOf(place);
  const { statements, ending, refused } = stopPlan(shown, place);
  const sessions = shown.sessions.map((one) => ({ what: sessionLine(one), left: one.left }));
  const stopped = shown.access.marks.stopped;
  if (refused !== null && (!stopped || ending.length === 0)) {
    return { title: 'Stop all writes', words: [refused, ...shown.remains], sessions, confirm: null };
  }
  const again = refused !== null;
  return {
    title: 'Stop all writes',
    words: [
      again
        ? `${refused} These sessions are there all the same, and would be ended.`
        : `The right to connect to ${toLine(name, 100)} is taken away, then the sessions below are ended one by one. What they had not committed is rolled back. Both can be taken back: "let writes in again" gives every right back as it was.`,
      ...shown.remains,
    ],
    statements: [...statements, ...ending.map(endSql)].map((sql) => toLine(sql, 4000)),
    sessions,
    confirm: name,
    carryOut: async () =>
      told(
        'stop-writes',
        `Writes to ${name} stopped.`,
        await (again ? endShown(place, shown) : stopWrites(place, shown)),
      ),
  };
}

async function planAllow(place: EscalationPlace): Promise<ActPlan> {
  const shown = await lookAround(place);
  const name = databaseOf(place);
  return {
    title: 'Let writes in again',
    words: ['Whoever could connect before may connect again, in the same way.'],
    statements: allowPlan(shown).map((sql) => toLine(sql, 4000)),
    confirm: name,
    carryOut: async () => told('allow-writes', `Writes to ${name} let in again.`, await allowWrites(place)),
  };
}

async function planRestore(
  place: EscalationPlace,
  path: string,
  started: (child: { cancel(): void }) => void,
): Promise<ActPlan> {
  const seen = await seeBackup(place, path);
  const { check, into, contents, tables } = seen;
  const room = judgeRoom(await lookAtRoom(place), check.bytes);
  if (room.refused) {
    throw new UserError(
      room.words,
      'Nothing was made. Make room there, or restore on another server.',
      EXIT.prerequisiteFailed,
    );
  }
  const name = databaseOf(place);
  const of = contents.database === null ? '' : ` of database ${toLine(contents.database, 100)}`;
  return {
    title: 'Restore a backup beside the damaged database',
    words: [
      `${toLine(path, 300)}: ${check.kind}, ${inWords(check.bytes)}${of}, made ${check.createdAt ?? 'at a time it does not tell'}. ${contents.data.length} tables with rows.`,
      tables.length === 0 ? '' : `Of the runbook: ${toLine(tables.join(', '), 400)}.`,
      contents.database !== null && contents.database !== name
        ? `It is a backup of another name than ${toLine(name, 100)}: be sure that it is the one you mean.`
        : '',
      ...check.findings.map(({ text }) => text),
      `It is restored into a new database, ${toLine(into, 100)}, and counted there. ${toLine(name, 100)} is not touched. The server needs room for both.`,
      room.words,
    ].filter((words) => words !== ''),
    statements: [
      `CREATE DATABASE "${toLine(into, 100)}"`,
      `pg_restore --exit-on-error --no-subscriptions --dbname ${toLine(into, 100)} ${toLine(path, 300)}`,
      'ANALYZE',
    ],
    confirm: name,
    async carryOut(onLine) {
      const restoring = restoreBeside(place, seen, onLine);
      started(restoring);
      return restoredDone(await restoring.result);
    },
  };
}

const figure = (rows: number | null): string => (rows === null ? '-' : rows.toLocaleString('en-US'));

function restoredDone(check: RestoredCheck): EscalationDone {
  return {
    act: 'restore',
    ok: check.ok,
    summary: `Backup ${check.backup} restored into ${check.database}: ${check.ok ? 'checked' : 'not whole'}.`,
    lines: [
      `${check.found} of ${check.listed} tables that the backup lists with rows are in ${toLine(check.database, 100)}.`,
      ...check.findings.map(({ text }) => text),
      check.ok
        ? 'Compare the rows below, and look into it with psql if you are in doubt. Then it can take the place of the damaged one.'
        : 'It is never put in place of the damaged one. Take another backup.',
    ],
    tables: {
      columns: ['table', 'restored', 'damaged'],
      rows: check.tables.map(({ table, restored, damaged }) => [
        toLine(table, 100),
        figure(restored),
        figure(damaged),
      ]),
    },
    exchanged: false,
  };
}

async function planSwap(options: ActsOptions, way: 'swap' | 'back'): Promise<ActPlan> {
  const place = options.place();
  const plan = await swapPlan(place, way);
  const [name, incoming, outgoing] = [databaseOf(place), plan.incoming, plan.outgoing].map((one) =>
    toLine(one, 100),
  );
  const lost =
    way === 'swap'
      ? 'What was written since the backup is only in the damaged one. Logical replication slots and subscriptions stay with it.'
      : 'What was written since the exchange is only in the restored one.';
  return {
    title: way === 'swap' ? 'Put the restored database in place' : 'Put the damaged database back',
    words: [
      `${name} becomes ${outgoing} and is kept; ${incoming} becomes ${name}. Owner, rights, settings and comment are carried over. One transaction: both change names or none.`,
      lost,
      'Nobody may be connected to either. This run ends with it: it is about the database that was there.',
    ],
    statements: [...plan.ending.map(endSql), 'BEGIN', ...plan.statements, 'COMMIT'].map((sql) =>
      toLine(sql, 4000),
    ),
    sessions: [...plan.ending, ...plan.inTheWay.filter(({ left }) => left !== 'backout itself')].map(
      (one) => ({
        what: `${toLine(one.database, 100)}: ${sessionLine(one)}`,
        left: one.left,
      }),
    ),
    confirm: databaseOf(place),
    async carryOut() {
      await options.release();
      const acted = await swap(place, plan);
      const act = way === 'swap' ? 'swap' : 'swap-back';
      const done = told(act, `${name} exchanged: it is what was ${incoming}; kept as ${outgoing}.`, acted);
      return { ...done, exchanged: true };
    },
  };
}

async function planStatus(options: ActsOptions): Promise<ActPlan> {
  const { lines, tables } = await migrationStatus(options.place(), options.status);
  return { title: 'Where the database stands', words: lines, tables, confirm: null };
}

async function planHandOver(options: ActsOptions, folder: string | null): Promise<ActPlan> {
  const lines = await options.handOver(folder);
  return { title: 'Hand-over', words: lines, confirm: null };
}
