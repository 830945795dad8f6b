import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/sql/types.ts';
import { freshPglite } from '../support/pglite.ts';
import { migrationSql } from '../support/migration.ts';
import { before, emptyKnowledge, migrated, unconvertible, writtenSince } from '../support/states.ts';
import { contents, definition, emptySchema, rowsOf, type Row } from './database.ts';
import { finishPlan, runPlan, shipped } from './shipped.ts';

let db: PGlite;
let plan: Plan;
const TABLES = ['detection_events', 'git_sessions', 'technology_knowledge'] as const;

beforeAll(async () => {
  [db, { plan }] = await Promise.all([freshPglite(), shipped()]);
});
beforeEach(() => emptySchema(db));
afterAll(() => db.close());

async function knowledge(where: string): Promise<Row[]> {
  return rowsOf(db, `SELECT * FROM technology_knowledge WHERE ${where} ORDER BY name`);
}

describe('the shipped runbook on a database nobody wrote to since the migration', () => {
  it('brings every row back, but for the ids of knowledge and the data that the migration destroyed', async () => {
    await before(db, { rows: 60, knowledge: 60 });
    const wanted = {
      events: await contents(db, 'detection_events', ['data']),
      sessions: await contents(db, 'git_sessions'),
      knowledge: await contents(db, 'technology_knowledge', ['id']),
    };
    await db.exec(migrationSql('up'));
    await runPlan(db, plan);
    expect(await contents(db, 'detection_events', ['data'])).toEqual(wanted.events);
    expect(await contents(db, 'git_sessions')).toEqual(wanted.sessions);
    expect(await contents(db, 'technology_knowledge', ['id'])).toEqual(wanted.knowledge);
    expect(wanted.knowledge).toHaveLength(60);
  });

  it('brings embeddings back bit by bit, and values that JSON has no number for', async () => {
    await before(db, { rows: 40, knowledge: 30, edgeCases: true });
    const vectors = `SELECT name, embedding::text FROM technology_knowledge WHERE embedding IS NOT NULL ORDER BY name`;
    const odd = `SELECT id, confidence::text FROM detection_events WHERE confidence::text !~ '^[0-9.]+$' ORDER BY id`;
    const wanted = [await rowsOf(db, vectors), await rowsOf(db, odd)];
    expect(wanted.map(({ length }) => length > 0)).toEqual([true, true]);
    await db.exec(migrationSql('up'));
    await runPlan(db, plan);
    expect([await rowsOf(db, vectors), await rowsOf(db, odd)]).toEqual(wanted);
  });

  it.each(TABLES)('gives %s its original columns, indexes and constraints', async (table) => {
    await before(db);
    const wanted = await definition(db, table);
    await db.exec(migrationSql('up'));
    await runPlan(db, plan);
    expect(await definition(db, table)).toEqual(wanted);
    expect(Object.keys(wanted).length).toBeGreaterThan(8);
  });

  it('takes back its own version row alone', async () => {
    await migrated(db);
    const versions = `SELECT version::text FROM schema_migrations ORDER BY version`;
    const earlier = (await rowsOf(db, versions)).filter(({ version }) => version !== '20250101000014');
    await runPlan(db, plan);
    expect(await rowsOf(db, versions)).toEqual(earlier);
  });
});

describe('the shipped runbook on a database that was written to since', () => {
  beforeEach(async () => {
    await writtenSince(db);
  });

  it('makes rows of templates that have no pattern', async () => {
    await runPlan(db, plan);
    const rows = await knowledge(`name LIKE '% starter'`);
    expect(rows.map(({ technology, template, examples }) => ({ technology, template, examples }))).toEqual(
      ['elm', 'htmx', 'nix', 'zig'].map((technology) => ({
        technology,
        template: `# ${technology} ⚡`,
        examples: ['one'],
      })),
    );
    expect(rows[0]?.metadata).toMatchObject({ generated: true, technology_templates: { version: '1.0.0' } });
  });

  it('keeps what was edited in a pattern, and what the old table has no column for', async () => {
    await db.exec(
      `UPDATE technology_patterns SET updated_at = updated_at + interval '1 hour', extended_metadata =
         jsonb_set(extended_metadata, '{description}', '"Edited here."') || '{"stars": 7}'
       WHERE technology_name = 'phoenix' AND technology_type = 'tooling'`,
    );
    await runPlan(db, plan);
    const [row] = await knowledge(`technology = 'phoenix' AND category = 'tooling'`);
    expect(row?.description).toBe('Edited here.');
    expect(row?.metadata).toMatchObject({
      stars: 7,
      technology_patterns: {
        build_command: 'mix compile',
        detection_count: 42,
        file_patterns: ['*.ex', '*.exs'],
      },
    });
  });

  it('keeps what was edited in a template, its version and checksum', async () => {
    await runPlan(db, plan);
    const [row] = await knowledge(`technology = 'axum' AND template IS NOT NULL`);
    expect(row?.template).toBe('# Axum service, second edition\n');
    expect(row?.metadata).toMatchObject({ technology_templates: { version: '2.0.0', source: 'editor' } });
  });

  it('lets the later of two edits win and keeps the other', async () => {
    const edit = (table: string, column: string, text: string, at: string, where: string): string =>
      `UPDATE ${table} SET ${column} = jsonb_set(${column}, '{description}', '"${text}"'), updated_at = '${at}' WHERE ${where}`;
    await db.exec(
      edit(
        'technology_templates',
        'template',
        'template, earlier',
        '2025-10-05 15:00',
        `identifier LIKE 'ecto/%'`,
      ),
    );
    await db.exec(
      edit(
        'technology_patterns',
        'extended_metadata',
        'pattern, later',
        '2025-10-05 16:00',
        `technology_name = 'ecto'`,
      ),
    );
    await runPlan(db, plan);
    const [ecto] = await knowledge(`technology = 'ecto' AND template IS NOT NULL`);
    expect(ecto?.description).toBe('pattern, later');
    expect(ecto?.metadata).toMatchObject({ technology_templates: { description: 'template, earlier' } });
    const [react] = await knowledge(`technology = 'react' AND template IS NOT NULL`);
    expect(react?.description).toBe('Reworded in the template, later.');
    expect(react?.metadata).toMatchObject({
      technology_patterns: { description: 'Reworded in the pattern, earlier.' },
    });
  });

  it('loses no session metadata that the application wrote, whatever its shape', async () => {
    const wanted = await rowsOf(
      db,
      `SELECT id, meta FROM git_agent_sessions WHERE agent_id LIKE 'odd-%' ORDER BY id`,
    );
    await runPlan(db, plan);
    const ids = wanted.map(({ id }) => `'${String(id)}'`).join(', ');
    const found = await rowsOf(
      db,
      `SELECT id, metadata AS meta FROM git_sessions WHERE id IN (${ids}) ORDER BY id`,
    );
    expect(found).toEqual(wanted.map(({ id, meta }) => ({ id, meta: meta ?? {} })));
    expect(wanted.length).toBe(5);
  });

  it('changes nothing when it is asked for the data statements again', async () => {
    for (const step of plan.steps.slice(0, 2)) for (const { sql } of step.statements) await db.query(sql);
    const third = plan.steps[2]?.statements ?? [];
    const until = third.findIndex(({ command }) => command === 'CREATE INDEX');
    for (const { sql } of third.slice(0, until)) await db.query(sql);
    const strip = plan.steps
      .slice(0, 2)
      .flatMap(({ statements }) =>
        statements.filter(({ sql }) => sql.startsWith('UPDATE') && !/\b(meta->>|branch_name)/.test(sql)),
      );
    for (const { sql, command } of [...strip, ...third.slice(1, until)]) {
      expect([sql, command, (await db.query(sql)).affectedRows]).toEqual([sql, command, 0]);
    }
  });
});

it('stops on a value it cannot convert and leaves everything as it was', async () => {
  await unconvertible(db);
  const wanted = await contents(db, 'codebase_snapshots');
  await expect(runPlan(db, plan)).rejects.toThrow(/invalid input syntax|value too long/);
  expect(await contents(db, 'codebase_snapshots')).toEqual(wanted);
});

it('keeps odd patterns and templates: no metadata, no object, keys of the wrong kind, an identifier without a slash', async () => {
  await migrated(db);
  await db.exec(`
    INSERT INTO technology_patterns (technology_name, technology_type, extended_metadata) VALUES
      ('a', 'odd', '[1, 2]'), ('b', 'odd', 'null'), ('c', 'odd', '{"examples": "one", "name": null, "antipatterns": null}');
    INSERT INTO technology_templates (identifier, category, template, metadata) VALUES
      ('plain', 'odd', '"only text"', NULL), ('x/y', 'odd', '{"name": "other", "code": {"deep": null}, "template": "t"}', '[3]')`);
  await runPlan(db, plan);
  const rows = await knowledge(`category = 'odd'`);
  expect(
    Object.fromEntries(
      rows.map((row) => [row.name, [row.technology, row.template, row.examples, row.metadata]]),
    ),
  ).toEqual({
    a: ['a', null, [], { technology_patterns: { extended_metadata: [1, 2] } }],
    b: ['b', null, [], {}],
    c: ['c', null, [], { examples: 'one' }],
    plain: ['plain', 'only text', [], {}],
    y: [
      'x',
      't',
      [],
      { technology_templates: { metadata: [3], template: { name: 'other', code: { deep: null } } } },
    ],
  });
});

it('fills a technology_knowledge that the migration had left because it was empty', async () => {
  await emptyKnowledge(db);
  const wanted = await definition(db, 'technology_knowledge');
  await db.exec(`
    INSERT INTO technology_patterns (technology_name, technology_type, extended_metadata)
      VALUES ('zig', 'language', '{"name": "Zig", "antipatterns": ["x"], "embedding": null}');
    INSERT INTO technology_templates (identifier, category, template, version)
      VALUES ('elm/app', 'starter', '{"template": "t", "examples": ["one"]}', '2')`);
  await finishPlan(db, plan);
  const rows = await knowledge('true');
  expect(
    rows.map(({ name, template, examples, antipatterns }) => [name, template, examples, antipatterns]),
  ).toEqual([
    ['Zig', null, [], ['x']],
    ['app', 't', ['one'], []],
  ]);
  expect(await definition(db, 'technology_knowledge')).toEqual(wanted);
});
