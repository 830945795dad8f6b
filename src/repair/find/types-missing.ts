/** Types that the plan names and that cannot be found: their extension, if this server has it and this role may make it. */
import { arrayLiteral } from '../../postgres/catalog.ts';
import { quoteLiteral } from '../../sql/definition-sql.ts';
import { asText, asBoolean } from '../../sql/values.ts';
import { ask } from '../../postgres/scope.ts';
import type { RepairContext } from '../find.ts';
import type { Repair } from '../types.ts';
import { name } from './asking.ts';

/** Who may make one: superusers, and whoever has CREATE on the database where it is trusted (manual, sql-createextension). */
const EXTENSIONS = `
  SELECT n.name, pg_catalog.to_regtype(n.name) IS NOT NULL AS there,
         (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname::pg_catalog.text OPERATOR(pg_catalog.=) n.name) AS installed,
         (SELECT s.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace s ON s.oid OPERATOR(pg_catalog.=) e.extnamespace
           WHERE e.extname::pg_catalog.text OPERATOR(pg_catalog.=) n.name) AS home,
         (SELECT a.default_version FROM pg_catalog.pg_available_extensions a WHERE a.name::pg_catalog.text OPERATOR(pg_catalog.=) n.name) AS available,
         COALESCE((SELECT pg_catalog.bool_or(v.trusted) FROM pg_catalog.pg_available_extension_versions v
           WHERE v.name::pg_catalog.text OPERATOR(pg_catalog.=) n.name), false) AS trusted,
         pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may_create,
         (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) CURRENT_USER) AS superuser
    FROM pg_catalog.unnest($1::pg_catalog.text[]) AS n(name)`;

/** Types of the plan that are words of their own; those of the server have names with spaces, or are found. */
function typesOf({ plan }: RepairContext): string[] {
  const types = plan.steps.flatMap(({ statements }) =>
    statements.flatMap(({ effects }) =>
      effects.flatMap((effect) => {
        if (effect.kind === 'create-table') return effect.columns.map(({ type }) => type);
        if (effect.kind === 'add-column') return [effect.column.type];
        return effect.kind === 'alter-type' ? [effect.type] : [];
      }),
    ),
  );
  const bare = types.map((type) => type.replace(/\([^)]*\)|\[\]/g, '').trim());
  return [...new Set(bare.filter((type) => /^[a-z_][a-z0-9_]*$/.test(type)))];
}

const asksForTypes = ({ about }: RepairContext): boolean =>
  about.kind === 'failure'
    ? about.error.sqlstate === '42704'
    : about.kind === 'prerequisites' && about.failed.some(({ id }) => id === 'extension');

/** undefined_object (42704), and the prerequisite that foretells it. */
export async function missingTypes(context: RepairContext): Promise<Repair[]> {
  if (!asksForTypes(context)) return [];
  const { session, schema, server } = context;
  const { rows } = await ask(session, schema, EXTENSIONS, [arrayLiteral(typesOf(context))]);
  return rows
    .filter((row) => !asBoolean(row['there']))
    .flatMap((row): Repair[] => {
      const type = asText(row['name']);
      const create = `CREATE EXTENSION ${name(type)} SCHEMA ${name(schema)};`;
      const note = (...lines: string[]): Repair[] => {
        context.note?.({ title: `Type ${type} is missing`, lines });
        return [];
      };
      if (asText(row['installed']) !== '') {
        return note(
          `The extension ${type} is installed, in schema ${asText(row['home'])}, where the steps do not look.`,
          `Its owner or a superuser can move it: ALTER EXTENSION ${name(type)} SET SCHEMA ${name(schema)}; Look first who else names its types with that schema.`,
        );
      }
      if (asText(row['available']) === '') {
        return note(
          `No extension ${type} is on the server: its files have to be installed on the machine first${type === 'vector' ? ` (pgvector: package postgresql-${Math.floor(server.versionNumber / 10_000)}-pgvector on Debian and Ubuntu)` : ''}.`,
          `Then a superuser runs: ${create}`,
        );
      }
      if (!asBoolean(row['superuser']) && !(asBoolean(row['trusted']) && asBoolean(row['may_create']))) {
        return note(
          `The extension ${type} ${asText(row['available'])} is on the server, but ${server.user} may not make it${asBoolean(row['trusted']) ? ': CREATE on this database is missing' : ': it takes a superuser'}.`,
          asBoolean(row['trusted'])
            ? `Run by the database's owner: GRANT CREATE ON DATABASE ${name(server.database)} TO ${name(server.user)};`
            : `Run by a superuser: ${create}`,
        );
      }
      return [
        {
          id: `extension:${type}`,
          title: `Create the extension ${type}`,
          found: `The type ${type} is missing. The extension ${type} ${asText(row['available'])} is on the server, not in this database.`,
          careful: ['An undo leaves the extension there. What its own script does, backout does not read.'],
          sql: create,
          checks: [
            {
              title: `Type ${type} is there`,
              sql: `SELECT CASE WHEN to_regtype(${quoteLiteral(type)}) IS NULL THEN 'no' ELSE 'yes' END`,
              expect: 'yes',
            },
          ],
          recommended: true,
        },
      ];
    });
}
