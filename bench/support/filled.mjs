// A few rows in every table of a schema, so that a migration has something to lose.

/** The same few values for each type: so that a row's references find the rows they refer to. */
const VALUES = [
  [/^(smallint|integer|bigint|numeric|real|double precision)/, (n) => String(n)],
  [/^uuid$/, (n) => `'00000000-0000-0000-0000-00000000000${n}'`],
  [/^(timestamp|date)/, (n) => `'2026-01-0${n}'`],
  [/^time/, (n) => `'0${n}:00'`],
  [/^interval$/, (n) => `'${n} hours'`],
  [/^boolean$/, (n) => (n % 2 ? 'true' : 'false')],
  [/^(json|jsonb)$/, (n) => `'{"n":${n}}'`],
  [/^bytea$/, (n) => `'\\x0${n}'`],
  [/\[\]$/, () => `'{}'`],
  [/^(text|citext|name|character|"char")/, (n) => `'${n}'`],
  [/^(inet|cidr)$/, (n) => `'10.0.0.${n}'`],
];

const COLUMNS = `
  SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
    pg_catalog.json_agg(pg_catalog.json_build_object('name', pg_catalog.quote_ident(a.attname),
      'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'label', (SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = a.atttypid ORDER BY e.enumsortorder LIMIT 1))
      ORDER BY a.attnum) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a'
    AND n.nspname !~ '^(pg_|information_schema$)' AND c.relname <> 'schema_migrations'
  GROUP BY 1`;

/** How often the tables are gone through: rows can only come after those that they refer to. */
const PASSES = 4;

/** Three rows for each table that has none; what a check, a key or a type refuses is left out. @param {import('pg').Client} client */
export async function fill(client) {
  const { rows } = await client.query(COLUMNS);
  for (let pass = 0; pass < PASSES; pass += 1) for (const table of rows) await fillTable(client, table);
}

async function fillTable(client, { name, columns }) {
  const { rows: any } = await client.query(`SELECT 1 FROM ${name} LIMIT 1`);
  if (any.length > 0) return;
  for (const n of [1, 2, 3]) {
    const given = columns.flatMap(({ name: column, type, label }) => {
      const value = label
        ? `'${label.replaceAll("'", "''")}'`
        : VALUES.find(([test]) => test.test(type))?.[1](n);
      return value ? [[column, value]] : [];
    });
    if (given.length === 0) return;
    const list = (at) => given.map((one) => one[at]).join(', ');
    await client.query(`INSERT INTO ${name} (${list(0)}) VALUES (${list(1)})`).catch(() => undefined);
  }
}

/** What the tables hold, a line for each: the rows as sorted jsonb, in which the order of columns does not count. */
export async function contents(client) {
  const { rows: tables } = await client.query(`
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^(pg_|information_schema$|backout)' AND c.relname <> 'schema_migrations'
    ORDER BY 1`);
  const lines = [];
  for (const { name } of tables) {
    const { rows } = await client.query(
      `SELECT pg_catalog.md5(pg_catalog.string_agg(v, ',' ORDER BY v)) AS sum
       FROM (SELECT pg_catalog.to_jsonb(t)::text AS v FROM ${name} AS t) AS q`,
    );
    lines.push(`${name} ${rows[0].sum ?? ''}`);
  }
  return lines;
}
