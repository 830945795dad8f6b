/** What the application wrote after the migration: rows that know only the new columns, and edits of migrated ones. */
import { array, chance, insert, json, literal, minutesAfter, type Chance, type Value } from './literal.ts';
import { MIGRATED_AT } from './seed.ts';

const AT = ['inserted_at', 'updated_at'];
const SNAPSHOT = [
  'id',
  'codebase_id',
  'snapshot_id',
  'summary',
  'detected_technologies',
  'features',
  'metadata',
  ...AT,
];
const SESSION = ['id', 'branch', 'status', 'agent_id', 'workspace_path', 'correlation_id', 'meta', ...AT];

/** The ordinary life of the new schema: nothing in it stops a rollback. Deterministic; within 170 minutes. */
export function lifeStatements(seed = 15): string[] {
  const dice = chance(seed);
  return [
    ...snapshots(dice),
    ...sessions(dice),
    ...merges(dice),
    ...editedTechnology(),
    ...newTechnology(dice),
  ];
}

/** Metadata of shapes the migration never wrote: an array, a number, an empty object. The rollback invents values here. */
export function oddMetadataStatements(seed = 16): string[] {
  const dice = chance(seed);
  const shapes: Value[] = [json(['a', 'list']), json(42), json({}), json({ confidence: null }), null];
  const row = (metadata: Value, i: number): Value[] => [
    dice.uuid(),
    'odd',
    i + 1,
    null,
    null,
    null,
    metadata,
    ...at(100 + i),
  ];
  const meta = (value: Value, i: number): Value[] => [
    dice.uuid(),
    `odd/${i}`,
    'active',
    `odd-${i}`,
    null,
    null,
    value,
    ...at(110 + i),
  ];
  return [
    ...insert('codebase_snapshots', SNAPSHOT, shapes.map(row)),
    ...insert('git_agent_sessions', SESSION, shapes.map(meta)),
  ];
}

/** Rows on which the runbook's first UPDATEs fail: a confidence that is no number, texts over 255 characters. */
export function unconvertibleStatements(seed = 17): string[] {
  const dice = chance(seed);
  const long = 'x'.repeat(300);
  const bad: Record<string, string>[] = [
    { confidence: 'high' },
    { confidence: '' },
    { event_type: long },
    { detector: long },
  ];
  const snapshot = (own: Record<string, string>, i: number): Value[] => [
    dice.uuid(),
    'unconvertible',
    i + 1,
    null,
    null,
    null,
    json({ event_type: 'scan', detector: 'scanner', confidence: 0.5, ...own }),
    ...at(120 + i),
  ];
  const session = [
    dice.uuid(),
    'x/long',
    'active',
    'long',
    null,
    null,
    json({ session_type: long }),
    ...at(125),
  ];
  return [
    ...insert('codebase_snapshots', SNAPSHOT, bad.map(snapshot)),
    ...insert('git_agent_sessions', SESSION, [session]),
  ];
}

function at(minutes: number): [string, string] {
  return [minutesAfter(MIGRATED_AT, minutes), minutesAfter(MIGRATED_AT, minutes + 2)];
}

/** Eighteen new snapshots, of which six lack what the old columns need, and twenty older ones put to a codebase. */
function snapshots(dice: Chance): string[] {
  const rows = Array.from({ length: 18 }, (_, i): Value[] => {
    const known = { event_type: 'snapshot_taken', detector: 'snapshot_writer', confidence: 0.9 };
    const metadata = i % 6 === 4 ? json({ source: 'nightly' }) : i % 6 === 5 ? null : json(known);
    return [
      dice.uuid(),
      dice.pick(['singularity', 'billing-gateway']),
      1000 + i,
      json({ files: dice.between(100, 900), lines: dice.between(10_000, 90_000) }),
      array(['elixir', 'phoenix', 'rust'].slice(0, dice.between(1, 3))),
      json({ umbrella: true, duplicates: dice.between(0, 9) }),
      metadata,
      ...at(5 + i * 8),
    ];
  });
  return [
    ...insert('codebase_snapshots', SNAPSHOT, rows),
    `UPDATE codebase_snapshots AS s
     SET codebase_id = 'singularity', snapshot_id = chosen.n, updated_at = ${literal(at(90)[0])}
     FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM codebase_snapshots WHERE codebase_id IS NULL
           ORDER BY id LIMIT 20) AS chosen
     WHERE s.id = chosen.id`,
  ];
}

/** Ten new sessions, two of them without a session type, and five older ones that went on to another status. */
function sessions(dice: Chance): string[] {
  const rows = Array.from({ length: 10 }, (_, i): Value[] => [
    dice.uuid(),
    `agent/task-${i + 1}-${dice.hex(4)}`,
    dice.pick(['active', 'completed']),
    `agent-${dice.hex(6)}`,
    `/srv/workspaces/agent-${i + 1}`,
    `corr-${dice.hex(8)}`,
    i % 5 === 4 ? json({ opened_by: 'scheduler' }) : json({ session_type: 'agent', base_branch: 'main' }),
    ...at(10 + i * 14),
  ]);
  return [
    ...insert('git_agent_sessions', SESSION, rows),
    `UPDATE git_agent_sessions SET status = 'merged', updated_at = ${literal(at(60)[0])}
     WHERE id IN (SELECT id FROM git_agent_sessions WHERE agent_id LIKE 'migrated\\_%' AND status = 'active'
                  ORDER BY id LIMIT 5)`,
  ];
}

function merges(dice: Chance): string[] {
  const pending = Array.from({ length: 6 }, (_, i): Value[] => [
    `agent/pending-${i + 1}`,
    400 + i,
    `agent-${dice.hex(6)}`,
    `task-${i + 1}`,
    json({ checks: i % 2 === 0 ? 'green' : 'running' }),
    ...at(30 + i * 11),
  ]);
  const history = Array.from({ length: 9 }, (_, i): Value[] => [
    `agent/merged-${i + 1}`,
    `agent-${dice.hex(6)}`,
    dice.hex(40),
    i % 4 === 3 ? 'conflict' : 'success',
    json({ files: dice.between(1, 20) }),
    ...at(20 + i * 13),
  ]);
  return [
    ...insert('git_pending_merges', ['branch', 'pr_number', 'agent_id', 'task_id', 'meta', ...AT], pending),
    ...insert(
      'git_merge_history',
      ['branch', 'agent_id', 'merge_commit', 'status', 'details', ...AT],
      history,
    ),
  ];
}

/** Edits of migrated rows: in the pattern alone, in the template alone, and one description in both. */
function editedTechnology(): string[] {
  const when = literal(at(80)[0]);
  const later = literal(at(95)[0]);
  return [
    `UPDATE technology_patterns
     SET build_command = 'mix compile', test_command = 'mix test', file_patterns = ARRAY['*.ex', '*.exs'],
         config_files = ARRAY['mix.exs'], detection_count = 42, success_rate = 0.97, last_detected_at = ${when},
         updated_at = ${when}
     WHERE technology_name IN ('phoenix', 'ecto')`,
    `UPDATE technology_patterns
     SET extended_metadata = jsonb_set(extended_metadata, '{description}', '"Reworded after the migration."'),
         updated_at = ${when}
     WHERE technology_name = 'tokio' AND technology_type = 'pattern'`,
    `UPDATE technology_templates
     SET template = jsonb_set(template, '{template}', '"# Axum service, second edition\\n"'),
         version = '2.0.0', source = 'editor', checksum = md5(identifier) || md5(category), updated_at = ${later}
     WHERE template->>'technology' = 'axum'`,
    `UPDATE technology_templates
     SET template = jsonb_set(template, '{description}', '"Reworded in the template, later."'), updated_at = ${later}
     WHERE template->>'technology' = 'react'`,
    `UPDATE technology_patterns
     SET extended_metadata = jsonb_set(extended_metadata, '{description}', '"Reworded in the pattern, earlier."'),
         updated_at = ${when}
     WHERE technology_name = 'react' AND technology_type = 'framework'`,
  ];
}

/** Patterns the application learned by itself, and templates for which there is no pattern. */
function newTechnology(dice: Chance): string[] {
  const patterns: Value[][] = [
    ['zig', 'language', array(['*.zig']), json({ description: 'Learned from build.zig' }), ...at(40)],
    [
      'bun',
      'runtime',
      array(['bun.lockb']),
      json({ name: 'Bun', description: 'Schneller Läufer' }),
      ...at(50),
    ],
    ['deno', 'runtime', array([]), null, ...at(55)],
  ];
  const templates = ['zig', 'elm', 'htmx', 'nix'].map((name, i): Value[] => [
    `${name}/${name} starter`,
    'starter',
    '1.0.0',
    'generated',
    json({
      technology: name,
      name: `${name} starter`,
      description: null,
      template: `# ${name} ⚡`,
      examples: ['one'],
    }),
    json({ generated: true }),
    dice.hex(64),
    ...at(60 + i * 5),
  ]);
  return [
    ...insert(
      'technology_patterns',
      [
        'technology_name',
        'technology_type',
        'file_patterns',
        'extended_metadata',
        'created_at',
        'updated_at',
      ],
      patterns,
    ),
    ...insert(
      'technology_templates',
      ['identifier', 'category', 'version', 'source', 'template', 'metadata', 'checksum', ...AT],
      templates,
    ),
  ];
}
