/** A step about objects, there and back again on a real server: each case in a schema of its own of one database. */
import { expect } from 'vitest';
import { archivedRows, prepareStore, registerRun, stepRows } from '../../../src/postgres/store.ts';
import { lookAt, sameAs, type Look } from '../../../src/runtime/look.ts';
import { lookAtUndo, sameUndo } from '../../../src/runtime/undo/look.ts';
import { verifyUndo } from '../../../src/runtime/undo/verify.ts';
import type { CourseRequest } from '../../../src/runtime/course.ts';
import { offersFor } from '../../../src/sql/procedure/index.ts';
import type { FormOffer, Procedure } from '../../../src/sql/procedure/types.ts';
import type { Session } from '../../../src/sql/session.ts';
import type { Plan } from '../../../src/sql/types.ts';
import { entryOf, planOfTexts } from '../../sql-undo/support.ts';
import type { Bench } from '../../postgres/support.ts';

const DUMP = `
  WITH n AS (SELECT oid FROM pg_namespace WHERE nspname = $1)
  SELECT line FROM (
    SELECT concat_ws(' ', c.relkind, c.relname, pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity,
             (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) a),
             c.reloptions::text, obj_description(c.oid, 'pg_class'), CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
             CASE WHEN c.relkind = 'm' THEN c.relispopulated::text END,
             (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attacl::text, col_description(c.oid, a.attnum)), ',' ORDER BY a.attname)
                FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)) AS line
      FROM pg_class c JOIN n ON n.oid = c.relnamespace WHERE c.relkind <> 'c'
    UNION ALL SELECT concat_ws(' ', 'sequence', c.relname, q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle, pg_sequence_last_value(c.oid))
      FROM pg_class c JOIN n ON n.oid = c.relnamespace JOIN pg_sequence q ON q.seqrelid = c.oid
    UNION ALL SELECT concat_ws(' ', 'function', CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) ELSE p.proname || (SELECT g.aggtransfn::regproc || g.aggtranstype::regtype::text FROM pg_aggregate g WHERE g.aggfnoid = p.oid) END, pg_get_userbyid(p.proowner), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(p.proacl, acldefault('f', p.proowner))) a), obj_description(p.oid, 'pg_proc'))
      FROM pg_proc p JOIN n ON n.oid = p.pronamespace
    UNION ALL SELECT concat_ws(' ', 'type', t.typname, t.typtype, pg_get_userbyid(t.typowner), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(t.typacl, acldefault('T', t.typowner))) a), obj_description(t.oid, 'pg_type'), format_type(t.typbasetype, t.typtypmod), t.typdefault, t.typnotnull,
             (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum)), ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
             (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
             (SELECT string_agg(concat_ws(' ', o.conname, pg_get_constraintdef(o.oid), obj_description(o.oid, 'pg_constraint')), ',' ORDER BY o.conname) FROM pg_constraint o WHERE o.contypid = t.oid))
      FROM pg_type t JOIN n ON n.oid = t.typnamespace WHERE t.typcategory <> 'A' AND (t.typrelid = 0 OR (SELECT relkind FROM pg_class WHERE oid = t.typrelid) = 'c')
    UNION ALL SELECT concat_ws(' ', 'trigger', CASE WHEN NOT g.tgisinternal THEN pg_get_triggerdef(g.oid) ELSE c.relname END, g.tgenabled, obj_description(g.oid, 'pg_trigger')) FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN n ON n.oid = c.relnamespace
    UNION ALL SELECT concat_ws(' ', 'rule', pg_get_ruledef(w.oid), w.ev_enabled) FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN n ON n.oid = c.relnamespace WHERE w.rulename <> '_RETURN'
    UNION ALL SELECT concat_ws(' ', 'policy', p.polname, p.polcmd, p.polpermissive, p.polroles::text, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), obj_description(p.oid, 'pg_policy')) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN n ON n.oid = c.relnamespace
    UNION ALL SELECT concat_ws(' ', 'statistics', pg_get_statisticsobjdef(e.oid), obj_description(e.oid, 'pg_statistic_ext')) FROM pg_statistic_ext e JOIN n ON n.oid = e.stxnamespace
    UNION ALL SELECT concat_ws(' ', 'schema', s.nspname, pg_get_userbyid(s.nspowner), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(s.nspacl, acldefault('n', s.nspowner))) a), obj_description(s.oid, 'pg_namespace')) FROM pg_namespace s WHERE s.nspname LIKE $1 || '%'
    UNION ALL SELECT concat_ws(' ', 'constraint', c.relname, o.conname, pg_get_constraintdef(o.oid)) FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN n ON n.oid = c.relnamespace
    UNION ALL SELECT concat_ws(' ', 'collation', c.collname, c.collprovider, c.collcollate, pg_get_userbyid(c.collowner)) FROM pg_collation c JOIN n ON n.oid = c.collnamespace
    UNION ALL SELECT concat_ws(' ', 'operator', o.oprname, o.oprleft::regtype, o.oprright::regtype, o.oprcode, o.oprcom::regoper, o.oprcanhash, pg_get_userbyid(o.oprowner), obj_description(o.oid, 'pg_operator')) FROM pg_operator o JOIN n ON n.oid = o.oprnamespace
    UNION ALL SELECT concat_ws(' ', 'dictionary', d.dictname, d.dictinitoption, pg_get_userbyid(d.dictowner)) FROM pg_ts_dict d JOIN n ON n.oid = d.dictnamespace
    UNION ALL SELECT concat_ws(' ', 'configuration', c.cfgname, obj_description(c.oid, 'pg_ts_config'), (SELECT string_agg(concat_ws(' ', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ',' ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid)) FROM pg_ts_config c JOIN n ON n.oid = c.cfgnamespace
    UNION ALL SELECT concat_ws(' ', 'cast', k.castsource::regtype, k.casttarget::regtype, k.castfunc::regproc, k.castcontext, k.castmethod) FROM pg_cast k JOIN pg_type t ON t.oid = k.castsource JOIN n ON n.oid = t.typnamespace
    UNION ALL SELECT concat_ws(' ', 'event trigger', evtname, evtevent, evtfoid::regproc, evtenabled, evttags::text, pg_get_userbyid(evtowner)) FROM pg_event_trigger
    UNION ALL SELECT concat_ws(' ', 'publication', p.pubname, p.pubinsert, p.pubdelete, p.puballtables, (SELECT string_agg(r.prrelid::regclass::text, ',' ORDER BY r.prrelid::regclass::text) FROM pg_publication_rel r WHERE r.prpubid = p.oid)) FROM pg_publication p
    UNION ALL SELECT concat_ws(' ', 'defaults', pg_get_userbyid(d.defaclrole), s.nspname, d.defaclobjtype, (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(d.defaclacl) a)) FROM pg_default_acl d LEFT JOIN pg_namespace s ON s.oid = d.defaclnamespace
    UNION ALL SELECT concat_ws(' ', 'statistics target', e.stxname, e.stxstattarget) FROM pg_statistic_ext e JOIN n ON n.oid = e.stxnamespace
    UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(x.indexrelid)) FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN n ON n.oid = c.relnamespace
    UNION ALL SELECT concat_ws(' ', 'extension', extname, extversion) FROM pg_extension) lines
  ORDER BY 1`;

/** Every row of every table, and how its columns are stored. */
const ROWS = `
  SELECT concat_ws(' ', 'row of', c.relname, r.line) AS line
    FROM pg_class c CROSS JOIN LATERAL unnest(xpath('/table/row/r/text()', query_to_xml(format('SELECT t::text AS r FROM %I.%I AS t ORDER BY 1', $1::text, c.relname), false, false, ''))) AS r(line)
   WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relkind = 'r'
  UNION ALL SELECT concat_ws(' ', 'stored', c.relname, a.attname, a.attstorage)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relkind = 'r'
  ORDER BY 1`;

/** Everything in a schema that somebody could tell apart, a line each. */
export async function dump(session: Session, schema: string): Promise<string[]> {
  await session.query("SELECT set_config('search_path', $1, false)", [`"${schema}", pg_temp`]);
  const { rows } = await session.query(DUMP, [schema]);
  const { rows: contents } = await session.query(ROWS, [schema]);
  return [...rows, ...contents].map(({ line }) => String(line));
}

export interface Case {
  schema: string;
  session: Session;
  plan: Plan;
  runs: number;
}

/** `@` in a text stands for the schema. */
export async function caseWith(
  bench: Bench,
  schema: string,
  setup: readonly string[],
  down: string,
): Promise<Case> {
  const { session } = bench;
  await session.query(`CREATE SCHEMA "${schema}"`);
  await session.query("SELECT set_config('search_path', $1, false)", [`"${schema}", pg_temp`]);
  for (const sql of setup) await session.query(sql.replaceAll('@', schema));
  await prepareStore(session);
  return { schema, session, plan: planOfTexts(down.replaceAll('@', schema)), runs: 0 };
}

export const runName = ({ schema, runs }: Case, kind: string): string =>
  `20261123-0700-${kind}${runs}${schema.replace(/\W/g, '')}`;

export async function look(one: Case, run?: string): Promise<Look> {
  const { session, schema, plan } = one;
  await session.query("SELECT set_config('search_path', $1, false)", ['pg_catalog, pg_temp']);
  return lookAt({ session, schema, ...(run === undefined ? {} : { run }) }, plan);
}

export const states = ({ position }: Look): string[] =>
  position.steps.flatMap(({ statements }) => statements.map(({ state }) => state));

export function offerOf({ schema }: Case, found: Look, run: string): FormOffer {
  const offers = offersFor({
    ...found,
    run,
    schema,
    withoutArchive: false,
    lookHash: found.hash,
    forward: [],
    serverVersion: 150_000,
    embedded: false,
  });
  const written = offers[0]?.offers.find(({ form }) => form === 'as-written');
  if (!written) throw new Error('nothing is offered');
  return written;
}

async function carryOut(
  { session, schema }: Case,
  { actions, locks }: Procedure,
  unchanged: () => Promise<boolean>,
): Promise<void> {
  await session.query('BEGIN');
  try {
    await session.query(`SET LOCAL search_path = "${schema}", pg_temp`);
    for (const lock of locks)
      await session.query(`LOCK TABLE "${lock.schema ?? schema}"."${lock.table}" IN ${lock.level} MODE`);
    expect(await unchanged()).toBe(true);
    for (const { sql, params } of actions) {
      await session.query(sql, params ?? []).catch((error: unknown) => {
        throw new Error(`${error instanceof Error ? error.message : String(error)}\nin ${sql}`);
      });
    }
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK');
    throw error;
  }
}

/** Rolls back by what a fresh look offers; the run. */
export async function rollBack(one: Case): Promise<string> {
  one.runs += 1;
  const run = runName(one, 'r');
  const found = await look(one);
  const { procedure, refused } = offerOf(one, found, run);
  if (!procedure) throw new Error(refused.join(' '));
  await registerRun(one.session, { ...entryOf(run, null), schema: one.schema });
  await carryOut(one, procedure, () => sameAs({ session: one.session, schema: one.schema }, found, null));
  return run;
}

/** Takes a run back; what was said before it. */
export async function undo(one: Case, undoes: string): Promise<string[]> {
  const { session, schema, plan } = one;
  const run = runName(one, 'u');
  await registerRun(session, { ...entryOf(run, undoes), schema });
  await session.query("SELECT set_config('search_path', $1, false)", ['pg_catalog, pg_temp']);
  const request = { session, schema, run } as unknown as CourseRequest;
  const found = await lookAtUndo(request, undoes, plan);
  const offer = found.steps[0]?.offer;
  if (!offer?.procedure) throw new Error(offer?.refused.join(' ') ?? 'nothing to undo');
  const { procedure } = offer;
  await carryOut(one, procedure, () => sameUndo(request, found, [procedure], null));
  const { checks } = await verifyUndo(request, undoes, plan);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  return offer.words;
}

export interface RoundTrip {
  /** What the undo said. */
  words: string[];
  /** What the journal says is kept. */
  kept: string[];
  notUndoable: string[];
}

/** Rolled back, undone to what was there before, rolled back again to the same; found to be so each time. */
export async function roundTrip(one: Case): Promise<RoundTrip> {
  const before = await dump(one.session, one.schema);
  expect(new Set(states(await look(one)))).toEqual(new Set(['pending']));
  const run = await rollBack(one);
  const after = await dump(one.session, one.schema);
  expect(after).not.toEqual(before);
  expect(new Set(states(await look(one, run)))).toEqual(new Set(['applied']));
  const kept = (await archivedRows(one.session, run)).map(({ detail }) => detail.words);
  const [row] = await stepRows(one.session, run);
  const words = await undo(one, run);
  expect(await dump(one.session, one.schema)).toEqual(before);
  await rollBack(one);
  expect(await dump(one.session, one.schema)).toEqual(after);
  return { words, kept, notUndoable: row?.detail.notUndoable ?? [] };
}
