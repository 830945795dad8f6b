/** The skeleton of a forward migration: what is in it, that it holds the SQL unchanged, and that its way back is honest. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { skeletonOf, type SkeletonRequest } from '../../src/repair/skeleton.ts';
import { heredoc } from '../../src/repair/skeleton/ecto.ts';
import type { Repair } from '../../src/repair/types.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';

beforeAll(loadParser);

const repair = (more: Partial<Repair>): Repair => ({
  id: 'r',
  title: 'Create index a on t',
  found: 'Index a is missing.',
  careful: ['Nobody can write meanwhile.'],
  sql: 'CREATE INDEX a ON t (x);',
  checks: [],
  recommended: true,
  ...more,
});

const request = (more: Partial<SkeletonRequest> = {}): SkeletonRequest => ({
  stamp: '20261122000000',
  name: 'align_schema_table_names',
  from: 'database orders, schema public, in run r1',
  repairs: [repair({})],
  left: [],
  notes: [],
  ...more,
});

/** Undoes what Elixir does to a heredoc: escapes, and the indent of the closing quotes. */
function heredocs(ecto: string): string[] {
  return [...ecto.matchAll(/^ {4}execute\("""\n([\s\S]*?)\n {4}"""\)$/gm)].map(([, body = '']) =>
    body
      .split('\n')
      .map((line) => {
        expect(line === '' || line.startsWith('    ')).toBe(true);
        return line.slice(4);
      })
      .join('\n')
      .replace(/\\u\{([0-9A-F]+)\}|\\([\s\S])/g, (_all, code: string | undefined, escaped: string) =>
        code === undefined ? escaped : String.fromCodePoint(parseInt(code, 16)),
      ),
  );
}

describe('an Ecto migration', () => {
  it('has each statement in an execute of its own, what was found as comments, and an inverse where there is one', () => {
    const { ecto } = skeletonOf(
      request({
        repairs: [
          repair({}),
          repair({
            title: 'Require x',
            sql: 'ALTER TABLE t ALTER COLUMN x SET NOT NULL, ALTER COLUMN y SET NOT NULL',
          }),
        ],
        left: [repair({ title: 'Drop t', found: 'It is empty.' })],
        notes: [{ title: 'Lost keys', lines: ['3 rows.', 'No SQL mends it.'] }],
      }),
    );
    expect(ecto).toMatchInlineSnapshot(`
      "# Fixes forward what was found wrong after migration align_schema_table_names. Found by backout on
      # database orders, schema public, in run r1.
      # A skeleton: read it, try it on a copy, change what does not fit. backout has run nothing of it
      # by writing this file.
      #
      # Found as well, and left out:
      # - Drop t. It is empty.
      #
      # Found as well, with no SQL that mends it:
      # - Lost keys: 3 rows. No SQL mends it.
      defmodule Repo.Migrations.FixAlignSchemaTableNames do
        use Ecto.Migration

        def up do
          execute("SET LOCAL lock_timeout = '5s'")

          # Create index a on t.
          # Found: Index a is missing.
          # Weigh: Nobody can write meanwhile.
          execute("""
          CREATE INDEX a ON t (x)
          """)

          # Require x.
          # Found: Index a is missing.
          # Weigh: Nobody can write meanwhile.
          execute("""
          ALTER TABLE t ALTER COLUMN x SET NOT NULL, ALTER COLUMN y SET NOT NULL
          """)
        end

        def down do
          execute("""
          ALTER TABLE t ALTER COLUMN y DROP NOT NULL
          """)
          execute("""
          ALTER TABLE t ALTER COLUMN x DROP NOT NULL
          """)
          execute("""
          DROP INDEX a
          """)
        end
      end
      "
    `);
  });

  it('raises in down where nothing takes the change back', () => {
    const { ecto } = skeletonOf(
      request({ repairs: [repair({ title: 'Fill x', sql: 'UPDATE t SET x = 1 WHERE x IS NULL' })] }),
    );
    expect(ecto).toMatch(/def down do\n {4}# Nothing here takes these back.*\n {4}# - Fill x\n {4}raise "/);
    expect(ecto.slice(ecto.indexOf('def down'))).not.toContain('execute');
  });

  it.each([
    'UPDATE t SET x = \'a\\b #{System.halt()} """ c\'',
    'UPDATE t SET x = $$\n"""\n$$',
    "UPDATE t SET x = 'two\n\n   lines  '",
    "UPDATE t SET x = E'\\n' || '\u202e'",
  ])('holds any SQL unchanged, whatever it means to Elixir: %j', (sql) => {
    const { ecto } = skeletonOf(request({ repairs: [repair({ sql })] }));
    expect(heredocs(ecto)).toEqual([sql]);
    expect(ecto).not.toMatch(/(?<!\\)#\{/);
    expect(ecto.match(/^\s*"""/gm)).toHaveLength(1);
    expect(ecto).not.toMatch(/\u202e/);
  });

  it('no text ends a heredoc early or interpolates', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', '\\', '#', '{', '}', 'a', '\n', ' ', 'é', '\u2066') }),
        (text) => {
          const safe = heredoc(text);
          expect(safe).not.toContain('"""');
          expect(safe.replace(/\\u\{[0-9A-F]+\}|\\[\s\S]/g, '_')).not.toContain('#{');
          expect(safe).not.toContain('\u2066');
        },
      ),
    );
  });

  it('a title or a finding cannot leave its comment', () => {
    const title = 'x\nend\nSystem.halt() \u2028 y';
    const { ecto, sql } = skeletonOf(
      request({ repairs: [repair({ title, found: title })], name: 'a"b#{x}\nend' }),
    );
    const code = ecto.split('\n').filter((line) => !line.trim().startsWith('#'));
    expect(code.join('\n')).not.toContain('halt');
    expect(code.find((line) => line.startsWith('defmodule'))).toBe('defmodule Repo.Migrations.FixABXEnd do');
    expect(
      sql
        .split('\n')
        .filter((line) => !line.startsWith('--'))
        .join('\n'),
    ).not.toContain('halt');
  });
});

describe('plain SQL', () => {
  it('is one transaction with the statements as they are, and the way back as comments', () => {
    const sql = "CREATE INDEX a ON t (x);\n-- about it\nUPDATE t SET x = ';' WHERE x IS NULL;";
    const { sql: text } = skeletonOf(request({ repairs: [repair({ sql })] }));
    expect(parseStatements(text, 1).map((one) => one.sql)).toEqual([
      'BEGIN',
      "SET LOCAL lock_timeout = '5s'",
      'CREATE INDEX a ON t (x)',
      "UPDATE t SET x = ';' WHERE x IS NULL",
      'COMMIT',
    ]);
    expect(text).toContain('-- nothing here takes it back');
    expect(skeletonOf(request()).sql).toMatch(
      /-- The way back, in this order:\n-- Create index a on t:\n-- DROP INDEX a;\n$/,
    );
  });

  it('says so when nothing was chosen', () => {
    const { ecto, sql } = skeletonOf(request({ repairs: [], left: [repair({})] }));
    expect(ecto).toContain('# Found as well, and left out:\n# - Create index a on t. Index a is missing.');
    expect(ecto).toContain('    # Nothing was chosen.\n  end');
    expect(sql).toContain('COMMIT;');
  });
});
