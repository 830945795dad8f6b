/** Two databases exchange their names, in one transaction: the damaged one is kept, and the way back is the same. */
import { EXIT, UserError } from '../exit.ts';
import { quoteIdentifier } from '../postgres/scope.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import { toLine } from '../terminal/sanitize.ts';
import { readAccess } from './access.ts';
import { carryOver, commentOf } from './carry.ts';
import { lookWith, nameBeside } from './look.ts';
import { commentSql, marksIn } from './marks.ts';
import { beside, databaseOf, inTransaction, type EscalationPlace } from './place.ts';
import { connectedSessions, endSessions, gone, stillConnected, isStray } from './sessions.ts';
import type { Acted, Beside, BesideMark, ConnectedSession } from './types.ts';

export interface SwapPlan {
  /** back: the damaged one returns to its place. */
  way: 'swap' | 'back';
  /** The one that takes the place, as it is called now. */
  incoming: string;
  /** What the one that makes room is called afterwards. */
  outgoing: string;
  /** One transaction. */
  statements: string[];
  /** Of both databases: ended before it. */
  ending: (ConnectedSession & { database: string })[];
  /** Nothing is done while these are connected. */
  inTheWay: (ConnectedSession & { database: string })[];
}

/** The newest database that may take the place. */
export function candidate(all: readonly Beside[], way: SwapPlan['way']): Beside | null {
  const fit = all.filter(({ kind, state }) =>
    way === 'swap' ? kind === 'restored' && state === 'checked' : kind === 'kept',
  );
  return fit.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0] ?? null;
}

/** Why there is nothing to exchange; null where there is. */
export function whyNotSwap(all: readonly Beside[], way: SwapPlan['way']): string | null {
  if (candidate(all, way)) return null;
  if (way === 'back') return 'No damaged database is kept that could be put back.';
  const restored = all.find(({ kind }) => kind === 'restored');
  return restored
    ? `${toLine(restored.name, 100)} was not restored whole and checked, so it is not put in place of anything.`
    : 'No backup has been restored beside this database yet.';
}

/** What would be done. @throws {UserError} when nothing can be exchanged; {DatabaseError} */
export function swapPlan(place: EscalationPlace, way: SwapPlan['way']): Promise<SwapPlan> {
  return beside(place, (session) => planWith(session, place, way), false);
}

async function planWith(session: Session, place: EscalationPlace, way: SwapPlan['way']): Promise<SwapPlan> {
  const database = databaseOf(place);
  const look = await lookWith(session, database);
  const refused = whyNotSwap(look.beside, way);
  const chosen = candidate(look.beside, way);
  if (refused !== null || !chosen) throw new UserError(refused ?? '', 'Nothing was changed.', EXIT.usage);
  const outgoing = nameBeside(database, way === 'swap' ? 'damaged' : 'restored', place.now());
  const access = await readAccess(session, chosen.name);
  const both = [
    ...look.sessions.map((one) => ({ ...one, database })),
    ...(await connectedSessions(session, access)).map((one) => ({ ...one, database: chosen.name })),
  ];
  return {
    way,
    incoming: chosen.name,
    outgoing,
    statements: await statementsOf(session, place, { way, chosen, outgoing }),
    ending: both.filter(({ left }) => left === null),
    inTheWay: both.filter(({ left }) => left !== null),
  };
}

async function statementsOf(
  session: Session,
  place: EscalationPlace,
  { way, chosen, outgoing }: { way: SwapPlan['way']; chosen: Beside; outgoing: string },
): Promise<string[]> {
  const database = databaseOf(place);
  const own = marksIn(await commentOf(session, database));
  const at = place.now().toISOString();
  const { name, backup, rows } = chosen;
  const live: BesideMark = { kind: 'live', of: database, at, backup, state: 'checked', rows };
  const leaving: BesideMark = {
    kind: way === 'swap' ? 'kept' : 'restored',
    of: database,
    at,
    backup: own.beside?.backup ?? null,
    // Put back beside, the restored one is still what was checked.
    state: way === 'swap' ? 'restored' : 'checked',
    rows: own.beside?.rows ?? {},
  };
  return [
    ...(await carryOver(session, database, name)),
    commentSql(name, {
      text: own.text,
      stopped: own.stopped,
      beside: way === 'swap' ? live : null,
    }),
    `ALTER DATABASE ${quoteIdentifier(database)} RENAME TO ${quoteIdentifier(outgoing)}`,
    `ALTER DATABASE ${quoteIdentifier(name)} RENAME TO ${quoteIdentifier(database)}`,
    commentSql(outgoing, { text: own.text, stopped: own.stopped, beside: leaving }),
  ];
}

/** object_in_use: somebody is connected to one of them. */
const IN_USE = '55006';

/**
 * Ends the sessions that were shown, then exchanges the names.
 * @param shown the plan that was confirmed
 * @throws {UserError} when it is not as it was shown, or somebody is connected; nothing is changed then. {DatabaseError}
 */
export function swap(place: EscalationPlace, shown: SwapPlan): Promise<Acted> {
  return beside(
    place,
    async (session) => {
      const now = await planWith(session, place, shown.way);
      const plan = { ...now, ending: shown.ending };
      if (!sameSwap(now, shown)) throw changed();
      await clear(session, place, plan);
      await exchange(session, place, shown);
      return {
        ok: true,
        lines: [
          `${toLine(databaseOf(place), 100)} is now what was ${toLine(shown.incoming, 100)}.`,
          `What it was before is kept as ${toLine(shown.outgoing, 100)}. Nothing was dropped.`,
          shown.way === 'swap'
            ? 'The way back: "backout escalate --swap-back". Rows written from now on would then stay in the restored one.'
            : 'The restored one stands beside again, and may take the place again: "backout escalate --swap".',
        ],
      };
    },
    false,
  );
}

/** Stamps move on between showing and doing: everything else must be as it was. */
const sameSwap = (one: SwapPlan, other: SwapPlan): boolean =>
  one.incoming === other.incoming && bare(one) === bare(other);

const bare = ({ statements, outgoing }: SwapPlan): string =>
  statements
    .join('\n')
    .replaceAll(outgoing, '')
    .replaceAll(/"at":"[^"]*"/g, '');

async function clear(session: Session, place: EscalationPlace, plan: SwapPlan): Promise<void> {
  for (const database of [databaseOf(place), plan.incoming]) {
    const access = await readAccess(session, database);
    const ending = plan.ending.filter((one) => one.database === database);
    await endSessions(session, access.oid, ending);
    await gone(session, access, ending);
    const now = await stillConnected(session, access);
    if (now.length > 0) throw inUse(database, now);
  }
}

function inUse(database: string, sessions: readonly ConnectedSession[]): UserError {
  const who = sessions
    .slice(0, 8)
    .map(
      ({ pid, user, application, left }) =>
        `pid ${pid} (${[user, application, left].filter(Boolean).join(', ')})`,
    )
    .join(', ');
  const stop = sessions.some(isStray) ? 'Stop all writes first, so that nobody comes back. ' : '';
  return new UserError(
    `A database cannot be renamed while somebody is connected to it. To ${toLine(database, 100)}: ${who}.`,
    `Nothing was renamed. ${stop}Close backout where it still runs on this database, then try again.`,
    EXIT.busy,
  );
}

async function exchange(session: Session, place: EscalationPlace, plan: SwapPlan): Promise<void> {
  try {
    await inTransaction(session, plan.statements);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    if (error.more.connectionLost === true) throw afterLoss(place, plan);
    if (error.sqlstate !== IN_USE) throw error;
    throw new UserError(
      `A database cannot be renamed while somebody is connected to it: ${error.message}.`,
      'Nothing was renamed. Stop all writes first, so that nobody comes back, then try again.',
      EXIT.busy,
      { cause: error },
    );
  }
}

/** The names themselves tell what became of the COMMIT. */
function afterLoss(place: EscalationPlace, { incoming, outgoing }: SwapPlan): UserError {
  const advice = `Look which of ${toLine(incoming, 100)} and ${toLine(outgoing, 100)} is there: "backout escalate" tells.`;
  return new UserError(
    `The connection was lost while the names were exchanged: either both were, or none of ${toLine(databaseOf(place), 100)} and ${toLine(incoming, 100)}.`,
    advice,
    EXIT.unknown,
  );
}

const changed = (): UserError =>
  new UserError(
    'The databases are not any more as they were shown, so nothing was done.',
    'Nothing was changed. Look again, then confirm again.',
    EXIT.busy,
  );
