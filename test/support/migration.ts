/** The migration's SQL and the user's document, as texts for tests. */
import { readFileSync } from 'node:fs';

const here = new URL('../../', import.meta.url);

/** `before`, `up` or `down` of migration 20250101000014, whole. */
export function migrationSql(name: 'before' | 'up' | 'down'): string {
  return readFileSync(new URL(`src/practice/migration/${name}.sql`, here), 'utf8');
}

/** The sections of up.sql, in order, by the name in their `-- section:` line. */
export function upSections(): Map<string, string> {
  const [, ...parts] = migrationSql('up').split(/^-- section: (\w+)$/m);
  const sections = new Map<string, string>();
  for (let i = 0; i + 1 < parts.length; i += 2) sections.set(parts[i] ?? '', parts[i + 1] ?? '');
  return sections;
}

/** Where the user's document lies, as it was given. */
export const firstEdition = new URL('test/fixtures/ROLLBACK_PROCEDURE.md', here);

/**
 * The statements of the steps of the user's document, in order, without comments and semicolons: what a person
 * pastes into psql. Made without the program's own parser, so that tests of that parser can rely on it.
 */
export function firstEditionStatements(): string[] {
  const document = readFileSync(firstEdition, 'utf8');
  const [, ...sections] = document.split(/^#{2,3} /m);
  return sections
    .filter((section) => /^Step \d+:/.test(section))
    .flatMap((section) => [...section.matchAll(/```sql\n([\s\S]*?)```/g)].map((block) => block[1] ?? ''))
    .map((sql) => sql.replaceAll(/^\s*--.*$/gm, ''))
    .flatMap((sql) => sql.split(';'))
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
