/** The skeleton of a forward migration: what was found, as comments, and the SQL of what was chosen. Pure; `loadParser` first. */
import { parseStatements } from '../sql/parse.ts';
import { quoteIdent } from '../sql/types-of.ts';
import type { Statement } from '../sql/types.ts';
import { ectoMigration } from './skeleton/ecto.ts';
import { sqlMigration } from './skeleton/sql.ts';
import type { Repair, RepairNote } from './types.ts';

export interface SkeletonRequest {
  /** Digits of the migration's name and version. */
  stamp: string;
  /** Of the migration that is fixed: `align_schema_table_names`. */
  name: string;
  /** What it was found on: "database orders, schema public, run 2026…". */
  from: string;
  repairs: readonly Repair[];
  /** Found, and not chosen. */
  left: readonly Repair[];
  notes: readonly RepairNote[];
}

export interface SkeletonPart {
  repair: Repair;
  statements: string[];
  /** What takes it back, in the order in which it is run; null: nothing that could be written here. */
  down: string[] | null;
}

/** What a statement does is taken back by another only where it changes no row and no definition that was there. */
function inverse({ effects }: Statement): string[] | null {
  const found = effects.map((effect): string | null => {
    switch (effect.kind) {
      case 'create-index':
        return effect.ifNotExists ? null : `DROP INDEX ${quoteIdent(effect.name)}`;
      case 'set-not-null':
        return `ALTER TABLE ${quoteIdent(effect.table)} ALTER COLUMN ${quoteIdent(effect.column)} DROP NOT NULL`;
      case 'add-constraint':
        return effect.name === null
          ? null
          : `ALTER TABLE ${quoteIdent(effect.table)} DROP CONSTRAINT ${quoteIdent(effect.name)}`;
      case 'reindex':
      case 'validate-constraint':
        return '';
      default:
        return null;
    }
  });
  return found.every((sql) => sql !== null) ? found.filter((sql) => sql !== '').reverse() : null;
}

function partOf(repair: Repair): SkeletonPart {
  const statements = parseStatements(repair.sql, 1);
  const inverses = statements.map(inverse);
  const down = inverses.every((sql) => sql !== null) ? inverses.reverse().flat() : null;
  return { repair, statements: statements.map(({ sql }) => sql), down };
}

/** Both files. @throws {SqlSyntaxError} when the SQL of a repair cannot be read */
export function skeletonOf(request: SkeletonRequest): { ecto: string; sql: string } {
  const parts = request.repairs.map(partOf);
  return { ecto: ectoMigration(request, parts), sql: sqlMigration(request, parts) };
}
