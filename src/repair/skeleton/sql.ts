/** The skeleton as plain SQL: one transaction, the way back as comments. Pure. */
import type { SkeletonPart, SkeletonRequest } from '../skeleton.ts';
import { aboutRepair, comment, head } from './comments.ts';

const commented = (sql: string): string[] => `${sql};`.split('\n').map((line) => `-- ${line}`.trimEnd());

function back(parts: readonly SkeletonPart[]): string[] {
  return [...parts].reverse().flatMap(({ repair, down }) => {
    const title = comment('--', [`${repair.title}:`]);
    if (down === null)
      return [
        ...title,
        '-- nothing here takes it back: values that it replaces are kept nowhere. Take a backup first.',
      ];
    return down.length === 0
      ? [...title, '-- nothing to take back.']
      : [...title, ...down.flatMap(commented)];
  });
}

export function sqlMigration(request: SkeletonRequest, parts: readonly SkeletonPart[]): string {
  const text = [
    ...comment('--', head(request)),
    '',
    "-- psql -v ON_ERROR_STOP=1 -f, with the tables' schema in the search_path.",
    'BEGIN;',
    "SET LOCAL lock_timeout = '5s';",
    ...parts.flatMap(({ repair, statements }) => [
      '',
      ...comment('--', aboutRepair(repair)),
      ...statements.map((sql) => `${sql};`),
    ]),
    '',
    'COMMIT;',
    '',
    '-- The way back, in this order:',
    ...(parts.length === 0 ? ['-- nothing was chosen.'] : back(parts)),
  ];
  return `${text.join('\n')}\n`;
}
