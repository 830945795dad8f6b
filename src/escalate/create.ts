/** An empty database beside another, made like it: encoding, locale, owner, tablespace. */
import { EXIT, UserError } from '../exit.ts';
import { quoteIdentifier } from '../postgres/scope.ts';
import type { Session } from '../sql/session.ts';
import { asBoolean, asNumber, asText, asTextOrNull } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { literal } from './marks.ts';

const LIKE = (locale: string): string => `
  SELECT pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, d.datcollate, d.datctype, o.rolname AS owner, t.spcname${locale},
         me.rolsuper OR me.rolcreatedb AS may, me.rolname AS role
    FROM pg_catalog.pg_database d
    JOIN pg_catalog.pg_roles o ON o.oid = d.datdba
    JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
    JOIN pg_catalog.pg_roles me ON me.rolname = CURRENT_USER
   WHERE d.datname = $1`;

/** The columns of a locale came with 15 and changed their name with 17 (manual, catalog-pg-database). */
function localeColumns(version: number): string {
  if (version >= 170_000) return ', d.datlocprovider AS provider, d.datlocale AS locale';
  return version >= 150_000 ? ', d.datlocprovider AS provider, d.daticulocale AS locale' : '';
}

/**
 * The statement that makes it.
 * @throws {UserError} 77 where this role may not make databases; {DatabaseError}
 */
export async function createSql(session: Session, name: string, like: string): Promise<string> {
  const { rows: known } = await session.query(
    "SELECT pg_catalog.current_setting('server_version_num') AS version",
  );
  const version = asNumber(known[0]?.['version']);
  const [row] = (await session.query(LIKE(localeColumns(version)), [like])).rows;
  if (!row)
    throw new UserError(`There is no database ${toLine(like, 100)}.`, 'Nothing was made.', EXIT.usage);
  if (!asBoolean(row['may'])) {
    throw new UserError(
      `Role ${toLine(asText(row['role']), 100)} may not make databases, so nothing can be restored beside this one.`,
      'Nothing was made. Use a superuser, or a role with CREATEDB that has the rights of the owner.',
      EXIT.notPermitted,
    );
  }
  const locale = asTextOrNull(row['locale']);
  const provider = asTextOrNull(row['provider']);
  return [
    `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0`,
    `OWNER ${quoteIdentifier(asText(row['owner']))}`,
    `ENCODING ${literal(asText(row['encoding']))}`,
    `LC_COLLATE ${literal(asText(row['datcollate']))}`,
    `LC_CTYPE ${literal(asText(row['datctype']))}`,
    ...(provider === 'i' && locale !== null ? [`LOCALE_PROVIDER icu ICU_LOCALE ${literal(locale)}`] : []),
    ...(provider === 'b' && locale !== null
      ? [`LOCALE_PROVIDER builtin BUILTIN_LOCALE ${literal(locale)}`]
      : []),
    `TABLESPACE ${quoteIdentifier(asText(row['spcname']))}`,
  ].join(' ');
}
