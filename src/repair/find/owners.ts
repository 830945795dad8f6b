/** Rights that this role lacks: whose the tables are, and the exact statement that somebody else has to run. */
import { arrayLiteral } from '../../postgres/catalog.ts';
import { touchedTables } from '../../postgres/touched.ts';
import type { RepairContext } from '../find.ts';
import type { Repair } from '../types.ts';
import { name, table, textsOf } from './asking.ts';

const OWNERS = `
  SELECT c.relname, pg_catalog.pg_get_userbyid(c.relowner)
    FROM pg_catalog.pg_class c
   WHERE c.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
     AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
   ORDER BY 1`;

const asksForOwner = ({ about }: RepairContext): boolean =>
  about.kind === 'failure'
    ? about.error.sqlstate === '42501'
    : about.kind === 'prerequisites' && about.failed.some(({ id }) => id === 'privileges');

/** insufficient_privilege (42501): nothing that a role may not do can be mended by it, so this only says who can, and how. */
export async function notOwner(context: RepairContext): Promise<Repair[]> {
  if (!asksForOwner(context)) return [];
  const { plan, position, catalog, server, schema } = context;
  const oids = touchedTables(plan, position, catalog).map(({ oid }) => oid);
  const rows = await textsOf(context, OWNERS, [arrayLiteral(oids)]);
  const owners = [...new Set(rows.map(([, owner = '']) => owner))];
  for (const owner of owners) {
    const tables = rows.filter(([, of]) => of === owner).map(([of = '']) => of);
    context.note?.({
      title: `${tables.join(', ')}: owned by ${owner}`,
      lines: [
        `Only ${owner}, its members and superusers may change or drop them; this is ${server.user}.`,
        `One of these, run by ${owner} or a superuser, lets this role do it:`,
        `GRANT ${name(owner)} TO ${name(server.user)};`,
        `Then ${server.user} may act as ${owner}. It is taken back with: REVOKE ${name(owner)} FROM ${name(server.user)};`,
        ...tables.map((of) => `ALTER TABLE ${table({ schema }, of)} OWNER TO ${name(server.user)};`),
        'That gives a table away: the application may then lack rights on it.',
        `A role that is a member of ${owner} already connects as it: SET ROLE ${name(owner)}; which is options=-crole=${owner} in the connection.`,
      ],
    });
  }
  return [];
}
