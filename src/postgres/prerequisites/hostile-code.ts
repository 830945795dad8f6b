/** Code of other people that would run with our rights (see the manual, ddl-schemas-patterns and sql-createtrigger). */
import { asText } from '../../sql/values.ts';
import { count } from '../activity.ts';
import { arrayLiteral } from '../catalog.ts';
import { answers, type Check, type CheckContext } from './check.ts';

/** Ours, or a superuser's, who needs no trick. */
const FOREIGN = (owner: string): string =>
  `${owner} <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
   AND NOT (SELECT rolsuper FROM pg_roles WHERE oid = ${owner})`;

const BY_EXTENSION = (classid: string, objid: string): string =>
  `EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '${classid}'::regclass AND e.objid = ${objid} AND e.deptype = 'e')`;

/** tgtype: 4 insert, 8 delete, 16 update, 32 truncate (server source, catalog/pg_trigger.h). */
const TRIGGERS = `
  SELECT 'trigger ' || g.tgname || ' on ' || c.relname || ' calls ' || p.oid::regprocedure::text AS what, p.proowner AS owner
    FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_proc p ON p.oid = g.tgfoid
   WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
     AND ((g.tgtype & 4 <> 0 AND g.tgrelid = ANY ($1::oid[]))
       OR (g.tgtype & 16 <> 0 AND g.tgrelid = ANY ($2::oid[]))
       OR (g.tgtype & 8 <> 0 AND g.tgrelid = ANY ($3::oid[]))
       OR (g.tgtype & 32 <> 0 AND g.tgrelid = ANY ($6::oid[])))`;

const RULES = `
  SELECT 'rule ' || r.rulename || ' on ' || c.relname, c.relowner
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
   WHERE r.rulename <> '_RETURN' AND r.ev_enabled <> 'D' AND c.oid = ANY ($4::oid[])`;

/** Functions that checks, index expressions, defaults, generated columns and policies of the tables call. */
const EXPRESSIONS = `
  SELECT pg_describe_object(d.classid, d.objid, d.objsubid) || ' calls ' || p.oid::regprocedure::text, p.proowner
    FROM pg_depend d JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
   WHERE (d.classid = 'pg_constraint'::regclass
            AND d.objid IN (SELECT oid FROM pg_constraint WHERE conrelid = ANY ($4::oid[])))
      OR (d.classid = 'pg_class'::regclass
            AND d.objid IN (SELECT indexrelid FROM pg_index WHERE indrelid = ANY ($4::oid[])))
      OR (d.classid = 'pg_attrdef'::regclass
            AND d.objid IN (SELECT oid FROM pg_attrdef WHERE adrelid = ANY ($4::oid[])))
      OR (d.classid = 'pg_policy'::regclass
            AND d.objid IN (SELECT oid FROM pg_policy WHERE polrelid = ANY ($4::oid[])))`;

const EVENT_TRIGGERS = `
  SELECT 'event trigger ' || e.evtname || ' calls ' || p.oid::regprocedure::text, p.proowner
    FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid WHERE e.evtenabled <> 'D'`;

/** A closer match of argument types wins over the server's own function, wherever it stands in the search_path. */
const SHADOWS = `
  SELECT 'function ' || p.oid::regprocedure::text || ' has the name of one of the server''s own', p.proowner
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
   WHERE n.nspname = $5 AND NOT ${BY_EXTENSION('pg_proc', 'p.oid')}
     AND EXISTS (SELECT 1 FROM pg_proc b WHERE b.proname = p.proname AND b.pronamespace = 'pg_catalog'::regnamespace)
  UNION ALL
  SELECT 'operator ' || o.oid::regoperator::text || ' has the name of one of the server''s own', o.oprowner
    FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
   WHERE n.nspname = $5 AND NOT ${BY_EXTENSION('pg_operator', 'o.oid')}
     AND EXISTS (SELECT 1 FROM pg_operator b WHERE b.oprname = o.oprname AND b.oprnamespace = 'pg_catalog'::regnamespace)`;

const QUERY = `
  SELECT DISTINCT what || ', owner ' || pg_get_userbyid(owner) AS line
    FROM (${[TRIGGERS, RULES, EXPRESSIONS, EVENT_TRIGGERS, SHADOWS].join('\nUNION ALL\n')}) AS found (what, owner)
   WHERE ${FOREIGN('owner')}
   ORDER BY 1`;

export const hostileCode: Check = async (context) => {
  const { pass, warn, fail } = answers('hostile-code', "No other people's code would run with our rights");
  const { session, server, schema, touched } = context;
  const written = (kind: 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE'): string =>
    arrayLiteral(touched.filter(({ writes }) => writes.has(kind)).map(({ oid }) => oid));
  const all = arrayLiteral(touched.map(({ oid }) => oid));
  const params = [written('INSERT'), written('UPDATE'), written('DELETE'), all, schema, written('TRUNCATE')];
  const { rows } = await session.query(QUERY, params);
  const lines = rows.map((row) => asText(row['line']));
  if (lines.length === 0) {
    return pass(
      'Triggers, rules, expressions and functions that could run belong to this role or to superusers.',
    );
  }
  const found = `${count(lines.length, 'piece')} of code of other roles could run with the rights of ${server.user}.`;
  if (superuserAtRisk(context)) {
    return fail(
      `${found} This role is a superuser: that code could do anything on the server.`,
      "Connect as the tables' owner instead. SET ROLE does not help: the code can reset it.",
      lines,
    );
  }
  return warn(found, 'Read that code before you go on, or have it disabled by its owner.', lines);
};

function superuserAtRisk({ server }: CheckContext): boolean {
  return server.superuser && !server.embedded;
}
