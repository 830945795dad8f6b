/** Rights on a table and its columns, from a definition. */
import type { Grant, TableDefinition } from '../definition.ts';
import { quoteName, quoteQualified, type Named, type Worded } from './quoting.ts';

function role(name: string): string {
  return name === '' ? 'PUBLIC' : quoteName(name);
}

/** A right is one of the server's own words; anything else is not written into SQL. */
function right(privilege: string, column?: string): string {
  if (!/^[A-Z]+$/.test(privilege)) throw new Error(`This is no right on a table: ${privilege}`);
  return column === undefined ? privilege : `${privilege} (${quoteName(column)})`;
}

/** One GRANT for each role, with and without the option to grant. */
function grantSql(grants: readonly Grant[], target: Named, column?: string): Worded[] {
  const groups = new Map<string, { grant: Grant; privileges: string[] }>();
  for (const grant of grants) {
    const key = JSON.stringify([grant.grantee, grant.grantable]);
    const group = groups.get(key) ?? { grant, privileges: [] };
    group.privileges.push(right(grant.privilege, column));
    groups.set(key, group);
  }
  const where = column === undefined ? target.name : `${target.name}.${column}`;
  return [...groups.values()].map(({ grant, privileges }) => ({
    sql: `GRANT ${privileges.join(', ')} ON TABLE ${quoteQualified(target)} TO ${role(grant.grantee)}${grant.grantable ? ' WITH GRANT OPTION' : ''}`,
    words: `Gives ${grant.grantee || 'everybody'} the rights on ${where} that they had.`,
  }));
}

/**
 * The rights of a freshly created table, so that they are those of the definition. What default privileges gave it is
 * taken back first.
 * @param defaults the roles that default privileges give rights to ('' is PUBLIC)
 */
export function grantsSql(definition: TableDefinition, target: Named, defaults: readonly string[]): Worded[] {
  const { grants, owner } = definition;
  const named = grants === null ? [] : [owner, ''];
  const revoked = [...new Set([...named, ...defaults.filter((name) => grants !== null || name !== owner)])];
  return [
    ...(revoked.length === 0
      ? []
      : [
          {
            sql: `REVOKE ALL ON TABLE ${quoteQualified(target)} FROM ${revoked.map(role).join(', ')}`,
            words: `Takes from ${target.name} the rights that a new table is given by default.`,
          },
        ]),
    ...grantSql(grants ?? [], target),
    ...definition.columns.flatMap((column) => grantSql(column.grants ?? [], target, column.name)),
  ];
}
