/** What ALTER TABLE may set beside columns and rows, as the names of src/sql/effects-settings.ts. */
import { EQ, NE } from '../definition/parts.ts';

const text = (value: string): string => `${value}::pg_catalog.text`;
const ROW = `SELECT pg_catalog.concat`;

/** attcompression is new in 14; attstattarget is NULL for the default since 17. */
const OF_COLUMNS = `
  SELECT k.key, k.value FROM pg_catalog.pg_attribute a,
    LATERAL (VALUES (pg_catalog.concat('statistics of ', a.attname), pg_catalog.concat(COALESCE(a.attstattarget::pg_catalog.int4, -1))),
      (pg_catalog.concat('compression of ', a.attname), COALESCE(pg_catalog.to_jsonb(a.*) OPERATOR(pg_catalog.->>) 'attcompression', '')),
      (pg_catalog.concat('storage of ', a.attname), ${text('a.attstorage')}),
      (pg_catalog.concat('identity of ', a.attname), ${text('a.attidentity')})) AS k(key, value)
   WHERE a.attrelid ${EQ} c.oid AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped`;

const OF_KEYS = `
  ${ROW}('deferrable ', o.conname), CASE WHEN NOT o.condeferrable THEN 'no' WHEN o.condeferred THEN 'deferred' ELSE 'immediate' END
    FROM pg_catalog.pg_constraint o WHERE o.conrelid ${EQ} c.oid`;

const INDEX = (which: string): string =>
  `(SELECT ic.relname FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class ic ON ic.oid ${EQ} x.indexrelid
     WHERE x.indrelid ${EQ} c.oid AND x.${which})`;

const OF_TABLE = `
  SELECT t.key, t.value FROM (VALUES ('persistence', ${text('c.relpersistence')}),
    ('replica identity', pg_catalog.concat(${text('c.relreplident')}, pg_catalog.concat(':', ${INDEX('indisreplident')}))),
    ('clustered on', pg_catalog.concat(${INDEX('indisclustered')}))) AS t(key, value)`;

/** Of which tables it is a part, and by what it is partitioned: names of src/sql/family. */
const OF_FAMILY = `
  ${ROW}('parent ', CASE WHEN hp.relnamespace ${EQ} c.relnamespace THEN '' ELSE pg_catalog.concat(hn.nspname, '.') END, hp.relname),
      pg_catalog.concat(COALESCE(pg_catalog.pg_get_expr(c.relpartbound, c.oid), 'inherits'),
        CASE WHEN COALESCE(pg_catalog.to_jsonb(h.*) OPERATOR(pg_catalog.->>) 'inhdetachpending', 'false') ${EQ} 'true' THEN ' (half detached)' END)
    FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class hp ON hp.oid ${EQ} h.inhparent
    JOIN pg_catalog.pg_namespace hn ON hn.oid ${EQ} hp.relnamespace
   WHERE h.inhrelid ${EQ} c.oid
  UNION ALL SELECT 'partition key', pg_catalog.concat(pt.partstrat, ':',
      (SELECT pg_catalog.string_agg(COALESCE(ka.attname::pg_catalog.text, '?'), ',' ORDER BY k.n)
         FROM pg_catalog.unnest(pt.partattrs::pg_catalog.int2[]) WITH ORDINALITY k(attnum, n)
         LEFT JOIN pg_catalog.pg_attribute ka ON ka.attrelid ${EQ} c.oid AND ka.attnum ${EQ} k.attnum))
    FROM pg_catalog.pg_partitioned_table pt WHERE pt.partrelid ${EQ} c.oid`;

/** A JSON object for the relation \`c\`; NULL for what is no table. */
export const SETTINGS = `
  CASE WHEN ${text('c.relkind')} ${NE} ALL (ARRAY['v', 'm', 'S', 'c']) THEN
    (SELECT pg_catalog.json_object_agg(s.key, s.value) FROM (${OF_TABLE} UNION ALL ${OF_COLUMNS} UNION ALL ${OF_KEYS} UNION ALL ${OF_FAMILY}) AS s(key, value)) END`;

/** Storage parameters as `option:name`, and the replica identity without the colon of one that names no index. */
export function settingsOf(
  settings: Readonly<Record<string, string>> | null | undefined,
  options: readonly string[] | null | undefined,
): Record<string, string> {
  if (!settings) return {};
  const given = (options ?? []).map((option): [string, string] => {
    const at = option.indexOf('=');
    return [`option:${option.slice(0, at)}`, option.slice(at + 1)];
  });
  const replica = (settings['replica identity'] ?? '').replace(/:$/, '');
  return { ...settings, 'replica identity': replica, ...Object.fromEntries(given) };
}
