// Rows in the schema before the migration, in the shapes of src/practice/seed.ts, made by the server itself.

/** One of the texts, by the row's number `n` and a step that keeps columns from changing together. */
const pick = (texts, step) =>
  `(ARRAY[${texts.map((text) => `'${text}'`).join(', ')}])[1 + (n / ${step} + n) % ${texts.length}]`;

const events = [
  'technology_detected',
  'framework_detected',
  'dependency_found',
  'pattern_matched',
  'service_discovered',
  'duplicate_code',
];
const detectors = ['file_scanner', 'ast_analyzer', 'package_reader', 'llm_classifier', 'git_history'];
const codebases = ['singularity', 'billing-gateway', 'münchen-portal', '東京-search', 'tools'];
const paths = [
  'lib/singularity/git/git_state_store.ex',
  'apps/web/src/components/Login.tsx',
  'rust/indexer/src/main.rs',
  'docs/説明.md',
];
const types = ['feature', 'bugfix', 'refactor', 'review', 'experiment'];
const statuses = ['active', 'completed', 'merged', 'abandoned', 'waiting_review'];

/** Up to sixty days before the migration. */
const inserted = `timestamp '2025-10-03 14:00:00' - n % 83520 * interval '1 minute'`;

/** @param {number} rows */
const eventRows = (rows) => `
INSERT INTO detection_events (id, event_type, detector, confidence, data, metadata, inserted_at, updated_at)
SELECT gen_random_uuid(), ${pick(events, 7)}, ${pick(detectors, 11)}, round(random()::numeric, 3),
  jsonb_build_object('path', ${pick(paths, 13)}, 'line', n % 2000, 'matched', substr(md5(n::text), 1, 8),
    'language', 'elixir'),
  CASE WHEN n % 5 = 0 THEN '{}'::jsonb ELSE jsonb_build_object('codebase', ${pick(codebases, 17)},
    'run', n % 900, 'note', CASE WHEN n % 7 = 0 THEN 'größer als 10 MB' ELSE 'ok' END) END,
  ${inserted}, ${inserted} + n % 1440 * interval '1 minute'
FROM generate_series(1, ${rows}) AS n`;

/** @param {number} rows */
const sessionRows = (rows) => `
INSERT INTO git_sessions (id, session_type, branch_name, base_branch, status, metadata, inserted_at, updated_at)
SELECT gen_random_uuid(), ${pick(types, 7)}, ${pick(types, 7)} || '/work-' || n,
  CASE WHEN n % 6 > 0 THEN 'main' END, ${pick(statuses, 11)},
  CASE WHEN n % 4 = 0 THEN '{}'::jsonb ELSE jsonb_build_object('agent', 'agent-' || n % 12, 'tasks', n % 9) END,
  ${inserted}, ${inserted} + n % 1440 * interval '1 minute'
FROM generate_series(1, ${rows}) AS n`;

/** A third has a template, half an embedding. @param {number} rows */
const knowledgeRows = (rows) => `
INSERT INTO technology_knowledge (id, technology, category, name, description, template, examples, best_practices,
  antipatterns, metadata, embedding, inserted_at, updated_at)
SELECT gen_random_uuid(), 'technology-' || n, ${pick(['framework', 'pattern', 'tooling'], 3)}, 'Technology ' || n,
  'How technology ' || n || ' is recognised and used', CASE WHEN n % 3 = 0 THEN repeat('# a line of it' || chr(10), 20) END,
  ARRAY['new demo', 'zwei Zeilen'], CASE WHEN n % 4 > 0 THEN 'Keep boundaries small.' END,
  ARRAY['God module'], CASE WHEN n % 3 = 0 THEN jsonb_build_object('popularity', n % 100) ELSE '{}'::jsonb END,
  CASE WHEN n % 2 = 0 THEN (SELECT ('[' || string_agg(((d * n) % 20000 / 10000.0 - 1)::text, ',') || ']')::vector(768)
    FROM generate_series(1, 768) AS d) END,
  ${inserted}, ${inserted} + n % 1440 * interval '1 minute'
FROM generate_series(1, ${rows}) AS n`;

/** What the application wrote since, into the tenth of the snapshots and sessions: the rows at risk. */
const since = [
  `UPDATE codebase_snapshots AS s SET codebase_id = 'singularity', snapshot_id = c.n,
     summary = jsonb_build_object('files', c.n % 900), detected_technologies = ARRAY['elixir', 'phoenix']
   FROM (SELECT id, row_number() OVER () AS n FROM codebase_snapshots) AS c WHERE s.id = c.id AND c.n % 10 = 0`,
  `UPDATE git_agent_sessions AS s SET workspace_path = '/srv/workspaces/' || c.n, correlation_id = 'corr-' || c.n
   FROM (SELECT id, row_number() OVER () AS n FROM git_agent_sessions) AS c WHERE s.id = c.id AND c.n % 10 = 0`,
];

/**
 * The statements that make the migrated database with `rows` snapshots, a tenth as many sessions, and technologies.
 * They end with VACUUM, as autovacuum would have done by the time of a rollback.
 * @param {{ rows: number, technologies: number, before: string, up: string }} options the texts of src/practice/migration
 */
export const migratedDatabase = ({ rows, technologies, before, up }) => [
  before,
  eventRows(rows),
  sessionRows(Math.ceil(rows / 10)),
  knowledgeRows(technologies),
  up,
  ...since,
  'VACUUM (ANALYZE)',
];
