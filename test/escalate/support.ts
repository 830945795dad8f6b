/** Roles of a test's own, and places to escalate from. */
import { randomBytes } from 'node:crypto';
import type { EscalationPlace } from '../../src/escalate/place.ts';
import { resolveSettings } from '../../src/postgres/settings.ts';

export function roleNames() {
  const tail = randomBytes(4).toString('hex');
  const [app, other, owner] = [`app_${tail}`, `other_${tail}`, `owner_${tail}`] as const;
  return { app, other, owner, all: [app, other, owner] };
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
