/** Roles of a test's own, and places to escalate from. */
import { randomBytes } from 'node:crypto';
import type { EscalationPlace } from '../../src/escalate/place.ts';
import { resolveSettings } from '../../src/postgres/settings.ts';
import { freshDatabase } from '../support/server.ts';

export function roleNames() {
  const tail = randomBytes(4).toString('hex');
  const [app, other, owner] = [`app_${tail}`, `other_${tail}`, `owner_${tail}`] as const;
  return { app, other, owner, all: [app, other, owner] };
}

/** Drops the database, those made beside it under names that begin with its own, and then the role. */
export async function dropAll(name: string, role: string): Promise<void> {
  const other = await freshDatabase({ state: 'empty' });
  await other.use(async (db) => {
    const { rows } = await db.client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE datname LIKE $1',
      [`${name}%`],
    );
    for (const { datname } of rows) await db.exec(`DROP DATABASE "${datname}" WITH (FORCE)`);
    await db.exec(`DROP ROLE ${role}`);
  });
  await other.drop();
}

/** The same database as another role, whose password is `x`. */
export function asRole(url: string, role: string): string {
  const other = new URL(url);
  other.username = role;
  other.password = 'x';
  return other.href;
}

/** Resolved at once: only the password file is looked for otherwise. */
const resolved = new Map<string, Awaited<ReturnType<typeof resolveSettings>>>();

export async function resolvePlace(
  url: string,
  more: Partial<EscalationPlace> = {},
): Promise<EscalationPlace> {
  const connection =
    resolved.get(url) ?? (await resolveSettings({ url, env: {}, home: '/nowhere', osUser: 'ada' }));
  resolved.set(url, connection);
  return { connection, env: process.env, now: () => new Date(), by: 'ada@desk', tables: [], ...more };
}

/** Another database of the same server. */
export function onName(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(name)}`;
  return other.href;
}
