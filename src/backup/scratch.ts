/** Scratch databases: made for a proof or a rehearsal, nobody else's, dropped afterwards whatever happens. */
import { randomBytes } from 'node:crypto';
import { EXIT, UserError } from '../exit.ts';
import type { Session } from '../sql/session.ts';
import { asBoolean, asText, asTextOrNull } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';

/** What a scratch database is for. */
export interface ScratchKind {
  prefix: string;
  /** What its comment begins with; the maker's session follows, by which it is known whether the work still goes on. */
  comment: string;
}

export const PROOF: ScratchKind = {
  prefix: 'backout_proof_',
  comment: 'backout: scratch copy for the proof of a backup, may be dropped; made by pid ',
};

export const REHEARSAL: ScratchKind = {
  prefix: 'backout_rehearsal_',
  comment: 'backout: scratch copy for a rehearsal, may be dropped; made by pid ',
};

const isName = (name: string, { prefix }: ScratchKind): boolean =>
  name.startsWith(prefix) && /^[a-z0-9]{12}$/.test(name.slice(prefix.length));

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string =>
  text.includes('\\')
    ? ` E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;

/** @throws {UserError} 77 when this role may not make databases */
export async function mayCreate(session: Session): Promise<void> {
  const { rows } = await session.query(
    `SELECT rolname AS name, rolcreatedb OR rolsuper AS may FROM pg_catalog.pg_roles WHERE rolname = current_user`,
  );
  if (rows[0] && asBoolean(rows[0]['may'])) return;
  throw new UserError(
    `The role ${toLine(asText(rows[0]?.['name']), 100)} may not make databases, so nothing can be restored beside this one.`,
    'Prove the backup as a role with CREATEDB, or restore it on another server. Nothing was made.',
    EXIT.notPermitted,
  );
}

/** Of the database that is connected: what a copy must have in common, so that its rows compare alike. */
async function localeClauses(session: Session, versionNumber: number): Promise<string> {
  const more =
    versionNumber >= 170_000
      ? ', datlocprovider AS provider, datlocale AS locale'
      : versionNumber >= 150_000
        ? ', datlocprovider AS provider, daticulocale AS locale'
        : '';
  const { rows } = await session.query(
    `SELECT pg_catalog.pg_encoding_to_char(encoding) AS encoding, datcollate, datctype${more}
       FROM pg_catalog.pg_database WHERE datname = current_database()`,
  );
  const row = rows[0] ?? {};
  const clauses = [
    `ENCODING ${literal(asText(row['encoding']))}`,
    `LC_COLLATE ${literal(asText(row['datcollate']))}`,
    `LC_CTYPE ${literal(asText(row['datctype']))}`,
  ];
  const locale = asTextOrNull(row['locale']);
  if (row['provider'] === 'i' && locale !== null)
    clauses.push(`LOCALE_PROVIDER icu ICU_LOCALE ${literal(locale)}`);
  if (row['provider'] === 'b' && locale !== null) {
    clauses.push(`LOCALE_PROVIDER builtin BUILTIN_LOCALE ${literal(locale)}`);
  }
  return clauses.join(' ');
}

/**
 * Makes an empty database with a name of its own, to which only its owner may connect. Expects our own search_path, and
 * no transaction. @throws {DatabaseError}
 */
export async function createScratch(
  session: Session,
  versionNumber: number,
  kind: ScratchKind = PROOF,
): Promise<string> {
  const name = `${kind.prefix}${randomBytes(6).toString('hex')}`;
  const { rows } = await session.query(
    `SELECT pid, extract(epoch FROM backend_start) AS began FROM pg_catalog.pg_stat_activity
      WHERE pid = pg_catalog.pg_backend_pid()`,
  );
  const maker = `${asText(rows[0]?.['pid'])} begun ${asText(rows[0]?.['began'])}`;
  await session.query(
    `CREATE DATABASE ${identifier(name)} TEMPLATE template0 ${await localeClauses(session, versionNumber)}`,
  );
  try {
    await session.query(`COMMENT ON DATABASE ${identifier(name)} IS ${literal(kind.comment + maker)}`);
    await session.query(`REVOKE ALL ON DATABASE ${identifier(name)} FROM PUBLIC`);
  } catch (error) {
    await dropScratch(session, name);
    throw error;
  }
  return name;
}

/** Ends its sessions. @throws {Error} for a name that is no scratch database's */
export async function dropScratch(session: Session, name: string): Promise<void> {
  if (!isName(name, PROOF) && !isName(name, REHEARSAL))
    throw new Error(`${toLine(name)} is no scratch database`);
  await session.query(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`);
}

/** Scratch databases that nobody works with any more: marked as ours, and their maker's session is gone. */
export async function leftOvers(session: Session, kind: ScratchKind = PROOF): Promise<string[]> {
  const { rows } = await session.query(
    `SELECT d.datname AS name, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment
       FROM pg_catalog.pg_database d
       JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
      WHERE pg_catalog.starts_with(d.datname::pg_catalog.text, $2)
        AND pg_catalog.pg_has_role(r.oid, 'USAGE')
        AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_stat_activity a
               WHERE pg_catalog.shobj_description(d.oid, 'pg_database')
                     = $1 || a.pid || ' begun ' || extract(epoch FROM a.backend_start))
      ORDER BY 1`,
    [kind.comment, kind.prefix],
  );
  return rows
    .filter((row) => isName(asText(row['name']), kind) && asText(row['comment']).startsWith(kind.comment))
    .map((row) => asText(row['name']));
}
