/** Rows as the application held them before the migration ran. */
import { knowledgeStatements } from './knowledge.ts';
import { chance, insert, json, array, minutesAfter, type Chance, type Value } from './literal.ts';

/** When the migration ran, UTC: every row of the seed is older, every row of `life.ts` is newer. */
export const MIGRATED_AT = '2025-10-05 14:00:00';

/** Versions the application had applied before it, oldest first. */
export const EARLIER_VERSIONS = [
  20240101000001, 20240101000002, 20240101000003, 20240101000004, 20240101000005, 20250101000007,
] as const;

export interface SeedOptions {
  /** Events; there are half as many sessions and as many commits as sessions. Default 240. */
  rows?: number;
  /** At most 60, which is the default. */
  knowledge?: number;
  seed?: number;
  /**
   * Adds values that no rollback can bring back, because the migration destroys them: metadata that is NULL, metadata
   * with a key of its own named event_type or session_type, metadata of knowledge without a template. Also NaN and
   * Infinity, which do come back. Default false.
   */
  edgeCases?: boolean;
}

const EVENT_TYPES = [
  'technology_detected',
  'framework_detected',
  'dependency_found',
  'pattern_matched',
  'service_discovered',
  'duplicate_code',
] as const;
const DETECTORS = [
  'file_scanner',
  'ast_analyzer',
  'package_reader',
  'llm_classifier',
  'git_history',
] as const;
const CODEBASES = [
  'singularity',
  'billing-gateway',
  'münchen-portal',
  '東京-search',
  "o'brien-tools",
] as const;
const PATHS = [
  'lib/singularity/git/git_state_store.ex',
  'lib/singularity/detection/technology_detector.ex',
  'apps/web/src/components/Login.tsx',
  'rust/indexer/src/main.rs',
  'services/zahlungen/prüfung.py',
  'docs/説明.md',
] as const;
const SESSION_TYPES = ['feature', 'bugfix', 'refactor', 'review', 'experiment'] as const;
const STATUSES = ['active', 'completed', 'merged', 'abandoned', 'waiting_review'] as const;
const AUTHORS = ['Ada Lovelace', 'Grace Hopper', 'José Núñez', '山田太郎', "Siobhán O'Neill", null] as const;
const SUBJECTS = [
  'index build',
  'session cleanup',
  'retry policy',
  'embedding cache',
  'login form',
  'NATS subjects',
];
const EDGE_CONFIDENCES = ['NaN', 'Infinity', '-Infinity'];

/** The SQL that fills the schema of `migration/before.sql`, in order. Deterministic. */
export function seedStatements(options: SeedOptions = {}): string[] {
  const { rows = 240, knowledge = 60, seed = 14, edgeCases = false } = options;
  const dice = chance(seed);
  const sessions = Array.from({ length: Math.ceil(rows / 2) }, (_, i) => sessionRow(dice, i, edgeCases));
  return [
    ...insert('schema_migrations', ['version', 'inserted_at'], earlierRows()),
    ...insert(
      'detection_events',
      ['id', 'event_type', 'detector', 'confidence', 'data', 'metadata', 'inserted_at', 'updated_at'],
      Array.from({ length: rows }, (_, i) => eventRow(dice, i, edgeCases)),
    ),
    ...insert(
      'git_sessions',
      ['id', 'session_type', 'branch_name', 'base_branch', 'status', 'metadata', 'inserted_at', 'updated_at'],
      sessions,
    ),
    ...insert(
      'git_commits',
      ['id', 'session_id', 'commit_hash', 'message', 'author', 'files_changed', 'inserted_at', 'updated_at'],
      sessions.map((session) => commitRow(dice, session[0] ?? null)),
    ),
    ...knowledgeStatements(dice, MIGRATED_AT, knowledge, edgeCases),
  ];
}

function earlierRows(): Value[][] {
  return EARLIER_VERSIONS.map((version, i) => [version, minutesAfter(MIGRATED_AT, -60 * 24 * (90 - i))]);
}

/** Up to 60 days before the migration, and changed up to a day later, still before it. */
function times(dice: Chance): [string, string] {
  const inserted = dice.between(2 * 24 * 60, 60 * 24 * 60);
  const updated = inserted - dice.between(0, 24 * 60);
  return [minutesAfter(MIGRATED_AT, -inserted), minutesAfter(MIGRATED_AT, -updated)];
}

function eventRow(dice: Chance, i: number, edgeCases: boolean): Value[] {
  const own = {
    codebase: dice.pick(CODEBASES),
    run: dice.between(1, 900),
    note: i % 7 === 0 ? 'größer als 10 “MB”' : 'ok',
  };
  let metadata: Value = i % 5 === 0 ? json({}) : json(own);
  // 0.1 + 0.2 is 0.30000000000000004: a value that shows whether a float came back exactly.
  let confidence: Value = i % 11 === 0 ? 0.1 + 0.2 : Math.round(dice.next() * 1000) / 1000;
  if (edgeCases && i % 10 === 3) metadata = null;
  if (edgeCases && i % 10 === 7) metadata = json({ ...own, event_type: 'its own', confidence: 'guessed' });
  if (edgeCases && i % 50 === 9) confidence = EDGE_CONFIDENCES[((i / 50) % 3) | 0] ?? 'NaN';
  const data = {
    path: dice.pick(PATHS),
    line: dice.between(1, 2000),
    matched: dice.hex(8),
    language: 'elixir',
  };
  return [
    dice.uuid(),
    dice.pick(EVENT_TYPES),
    dice.pick(DETECTORS),
    confidence,
    json(data),
    metadata,
    ...times(dice),
  ];
}

function sessionRow(dice: Chance, i: number, edgeCases: boolean): Value[] {
  const type = dice.pick(SESSION_TYPES);
  const own = {
    agent: `agent-${dice.between(1, 12)}`,
    tasks: dice.between(1, 9),
    topic: dice.pick(SUBJECTS),
  };
  let metadata: Value = i % 4 === 0 ? json({}) : json(own);
  if (edgeCases && i % 10 === 3) metadata = null;
  if (edgeCases && i % 10 === 7) metadata = json({ ...own, session_type: 'its own', status: 'its own' });
  const branch = `${type}/${dice.pick(SUBJECTS).replaceAll(' ', '-').toLowerCase()}-${dice.hex(4)}`;
  return [
    dice.uuid(),
    type,
    branch,
    i % 6 === 0 ? null : dice.pick(['main', 'develop', 'release/2025.10']),
    dice.pick(STATUSES),
    metadata,
    ...times(dice),
  ];
}

function commitRow(dice: Chance, session: Value): Value[] {
  const files = Array.from({ length: dice.between(0, 3) }, () => dice.pick(PATHS));
  return [
    dice.uuid(),
    session,
    dice.hex(40),
    `Fix ${dice.pick(SUBJECTS)} ✓`,
    dice.pick(AUTHORS),
    array(files, 'varchar'),
    ...times(dice),
  ];
}
