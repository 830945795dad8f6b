/** The skeleton as an Ecto migration. Pure. */
import type { SkeletonPart, SkeletonRequest } from '../skeleton.ts';
import { aboutRepair, comment, head } from './comments.ts';

const INDENT = '    ';

/** Elixir refuses characters that reorder text in its source, and we write no other control character into it. */
const HIDDEN = /[^\P{C}\n\t]|[\u2028\u2029]/gu;

/**
 * What stands between the quotes of a heredoc: a backslash, `#{` and three quotes mean something to Elixir there
 * (Elixir's syntax reference, "Strings": escapes, interpolation, heredocs).
 */
export function heredoc(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('#{', '\\#{')
    .replaceAll('"""', '\\"\\"\\"')
    .replace(HIDDEN, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
}

/** Each line is indented as the closing quotes are, which takes the indent off again: the text is what it was. */
function execute(sql: string): string[] {
  const body = heredoc(sql)
    .split('\n')
    .map((line) => `${INDENT}${line}`);
  return [`${INDENT}execute("""`, ...body, `${INDENT}""")`];
}

/** `align_schema_table_names` → `AlignSchemaTableNames`; what is no letter or digit is left out. */
export const camel = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

function down(parts: readonly SkeletonPart[]): string[] {
  const stuck = parts.filter((part) => part.down === null);
  if (stuck.length > 0) {
    return [
      ...comment('#', ['Nothing here takes these back; values that they replace are kept nowhere:'], INDENT),
      ...stuck.flatMap(({ repair }) => comment('#', [`- ${repair.title}`], INDENT)),
      `${INDENT}raise "this migration cannot be taken back; restore what it replaced from a backup"`,
    ];
  }
  const back = [...parts].reverse().flatMap((part) => part.down ?? []);
  return back.length === 0 ? [`${INDENT}:ok`] : back.flatMap(execute);
}

export function ectoMigration(request: SkeletonRequest, parts: readonly SkeletonPart[]): string {
  const up = parts.flatMap(({ repair, statements }) => [
    ...comment('#', aboutRepair(repair), INDENT),
    ...statements.flatMap(execute),
    '',
  ]);
  const text = [
    ...comment('#', head(request)),
    `defmodule Repo.Migrations.Fix${camel(request.name)} do`,
    '  use Ecto.Migration',
    '',
    '  def up do',
    `${INDENT}execute("SET LOCAL lock_timeout = '5s'")`,
    '',
    ...(up.length === 0 ? [...comment('#', ['Nothing was chosen.'], INDENT)] : up.slice(0, -1)),
    '  end',
    '',
    '  def down do',
    ...down(parts),
    '  end',
    'end',
  ];
  return `${text.join('\n')}\n`;
}
