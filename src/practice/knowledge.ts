/** The knowledge rows of the seed: what the migration splits into templates and patterns. */
import { array, insert, json, minutesAfter, vector, type Chance, type Value } from './literal.ts';

const CATEGORIES = ['framework', 'pattern', 'tooling'] as const;

/** Technology and what people call it. With three categories each: at most 60 rows. */
const TECHNOLOGIES = [
  ['phoenix', 'Phoenix'],
  ['ecto', 'Ecto'],
  ['rust', 'Rust'],
  ['tokio', 'Tokio'],
  ['axum', 'Axum'],
  ['react', 'React'],
  ['nextjs', 'Next.js'],
  ['typescript', 'TypeScript'],
  ['python', 'Python'],
  ['fastapi', 'FastAPI'],
  ['django', 'Django'],
  ['go', 'Go'],
  ['nats', 'NATS'],
  ['postgresql', 'PostgreSQL'],
  ['kubernetes', 'Kubernetes'],
  ['terraform', 'Terraform'],
  ['gleam', 'Gleam ✨'],
  ['erlang', 'Erlang/OTP'],
  ['svelte', 'Svelte'],
  ['kotlin', 'Kotlin'],
] as const;

const COLUMNS = [
  'id',
  'technology',
  'category',
  'name',
  'description',
  'template',
  'examples',
  'best_practices',
  'antipatterns',
  'metadata',
  'embedding',
  'inserted_at',
  'updated_at',
];

/** INSERTs of `count` rows, (technology, category) never twice: the migration's unique index asks for it. */
export function knowledgeStatements(
  dice: Chance,
  before: string,
  count: number,
  edgeCases: boolean,
): string[] {
  const rows = TECHNOLOGIES.flatMap((technology, t) =>
    CATEGORIES.map((category, c) =>
      row(dice, before, technology, category, t * CATEGORIES.length + c, edgeCases),
    ),
  );
  return insert('technology_knowledge', COLUMNS, rows.slice(0, count), 20);
}

function row(
  dice: Chance,
  before: string,
  [technology, title]: (typeof TECHNOLOGIES)[number],
  category: string,
  i: number,
  edgeCases: boolean,
): Value[] {
  const templated = i % 3 === 0;
  const inserted = dice.between(3 * 24 * 60, 80 * 24 * 60);
  return [
    dice.uuid(),
    technology,
    category,
    `${title} ${category}`,
    i % 8 === 5 ? null : `How ${title} is recognised and used – “${category}”, it's entry no. ${i + 1}.`,
    templated ? template(technology, title) : null,
    array(examples(technology, i)),
    i % 4 === 3 ? null : `Keep ${title} boundaries small.\nName things after the domain.`,
    array(
      i % 5 === 0 ? [] : [`God module in ${title}`, 'Копирование кода, "quoted", back\\slash'],
      'varchar',
    ),
    metadata(dice, templated, i, edgeCases),
    i % 2 === 0 ? vector(embedding(dice)) : null,
    minutesAfter(before, -inserted),
    minutesAfter(before, -inserted + dice.between(0, 60 * 24)),
  ];
}

/** Only a row with a template keeps its metadata through the migration; the others start with the default. */
function metadata(dice: Chance, templated: boolean, i: number, edgeCases: boolean): Value {
  const own = json({ popularity: dice.between(1, 100), reviewed_by: 'Zoë', tags: ['curated', `t${i}`] });
  if (edgeCases && i % 10 === 9) return null;
  return templated || edgeCases ? own : json({});
}

function examples(technology: string, i: number): string[] {
  return i % 6 === 1 ? [] : [`${technology} new demo`, `{"quoted": "${technology}"}`, 'zwei\nZeilen'];
}

function template(technology: string, title: string): string {
  return `# ${title} service\n\ndefmodule {{module}} do\n  @moduledoc "Made for ${technology}"\n  # 日本語のコメント\nend\n`;
}

/** 768 numbers with at most four decimals: real (float4) prints them back as they were written. */
function embedding(dice: Chance): number[] {
  return Array.from({ length: 768 }, () => Math.round((dice.next() * 2 - 1) * 10_000) / 10_000);
}
