/** Migrations of Ecto: what of them is read, and one taken back on a server. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ecto } from '../../src/migrations/ecto.ts';
import { NoDown } from '../../src/migrations/types.ts';
import { keepsWaiting, openBench, said, tableLock, type Bench } from './bench.ts';

const NAME = '20240101000000_rename.exs';
const module = (body: string): string => `defmodule App.Repo.Migrations.Rename do
  use Ecto.Migration
${body}
end
`;
const read = (body: string) =>
  ecto.read({
    path: NAME,
    name: NAME,
    text: module(body),
    folder: 'migrations',
    beside: [],
    near: {},
    above: [],
  });
const parts = (body: string): [string, number][] =>
  read(body).parts.map(({ sql, line }) => [sql.replace(/\n;$/, ''), line]);

function refused(body: string): string {
  try {
    read(body);
  } catch (error) {
    if (error instanceof NoDown) return error.message;
    throw error;
  }
  throw new Error('it was read');
}

describe('what is read of down/0', () => {
  it.each<[string, [string, number][]]>([
    ['def down do\n  execute "DROP TABLE a"\nend', [['DROP TABLE a', 4]]],
    ['def down, do: execute("DROP TABLE a")', [['DROP TABLE a', 3]]],
    ['def down() do\n  execute("DROP TABLE a;")\n  :ok\nend', [['DROP TABLE a;', 4]]],
    [
      'def up do\n execute "CREATE TABLE a ()"\nend\n\ndef down do\n execute("""\n   DROP TABLE a\n   CASCADE\n """)\n # a remark\n execute ~s(DROP TABLE "b")\nend',
      [
        ['  DROP TABLE a\n  CASCADE', 9],
        ['DROP TABLE "b"', 13],
      ],
    ],
    [
      "def down do\n  execute(\n    ~S|UPDATE a SET b = '\\d#{x}'|\n  )\nend",
      [["UPDATE a SET b = '\\d#{x}'", 5]],
    ],
    [
      'def down do\n  execute "UPDATE a " <>\n    "SET b = \\"x\\" || E\'\\\\n\'"\nend',
      [['UPDATE a SET b = "x" || E\'\\n\'', 4]],
    ],
    ['def down do\n  "DROP TABLE a"\n  |> execute()\nend', [['DROP TABLE a', 4]]],
    [
      'def down do\n  execute "-- end do\\nDROP TABLE a" # end\n  flush()\nend',
      [['-- end do\nDROP TABLE a', 4]],
    ],
  ])('%j', (body, found) => {
    expect(parts(body)).toEqual(found);
  });

  it('of change/0 the second strings, the last first', () => {
    const body = 'def change do\n  execute "A", "DROP TABLE a"\n  execute("B",\n    "DROP TABLE b")\nend';
    expect(parts(body)).toEqual([
      ['DROP TABLE b', 6],
      ['DROP TABLE a', 4],
    ]);
  });
});

describe('what is refused, with its line', () => {
  it.each([
    ['def down do\n  drop table(:a)\nend', 'line 4 (drop table ( :a ))'],
    ['def down do\n  execute "DROP TABLE #{@name}"\nend', 'line 4 (execute "…")'],
    ['def down do\n  execute "A"\n  for t <- @tables do\n    execute "B"\n  end\nend', 'line 5 (for t'],
    ['def down do\n  execute(fn -> repo().query!("A") end)\nend', 'line 4 (execute ( fn'],
    ['def down do\n  execute "DROP TABLE a", "B"\nend', 'line 4'],
    ['def change do\n  execute "A"\nend', 'line 4 (execute "…")'],
    ['def change do\n  create table(:a) do\n    add :b, :text\n  end\nend', 'line 4 (create table'],
    ['def up do\n  execute "A"\nend', 'no down/0 and no change/0'],
    ['def down do\n  :ok\nend', 'holds no execute'],
  ])('%j', (body, words) => {
    expect(refused(body)).toContain(words);
  });
});

describe('a migration of Ecto on a server', () => {
  let bench: Bench;
  let file: string;

  beforeEach(async () => {
    bench = await openBench();
    file = await bench.write(
      `priv/repo/migrations/${NAME}`,
      module(`  @disable_ddl_transaction true
  def up, do: execute("ALTER TABLE users RENAME COLUMN mail TO email")

  def down do
    execute """
    ALTER TABLE users
      RENAME COLUMN email TO mail
    """
    execute "ALTER TABLE users ALTER COLUMN mail DROP NOT NULL"
  end`),
    );
    // As lib/ecto/migration/schema_migration.ex makes it.
    await bench.exec(`CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
      INSERT INTO users VALUES (1, 'a@b'), (2, 'c@d');
      CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, inserted_at timestamp(0));
      INSERT INTO schema_migrations VALUES (20230101000000, now()), (20240101000000, now())`);
  });
  afterEach(() => bench.clear());

  const versions = (): Promise<unknown[]> => bench.rows('SELECT * FROM schema_migrations ORDER BY version');

  it('is taken back with its row, and undone with it', async () => {
    const before = await bench.state();
    const recorded = await versions();
    const ran = await bench.run(file);
    expect(ran).toMatchObject({ status: 0, err: '' });
    expect(said(ran)).toContain('The migration asks for no transaction (@disable_ddl_transaction).');
    expect(await versions()).toEqual(recorded.slice(0, 1));
    expect(await bench.rows('SELECT mail FROM users ORDER BY id')).toEqual([
      { mail: 'a@b' },
      { mail: 'c@d' },
    ]);
    expect(await bench.undo()).toMatchObject({ status: 0, err: '' });
    expect(await bench.state()).toEqual(before);
    expect(await versions()).toEqual(recorded);
  });

  it('waits for Ecto at work', async () => {
    const lock = tableLock('schema_migrations', 'SHARE UPDATE EXCLUSIVE');
    await bench.database.use((tool) => keepsWaiting(bench, file, tool, lock));
  });
});
