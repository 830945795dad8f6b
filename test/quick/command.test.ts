/** The command of a "Quick Rollback" section, and what it would take back. */
import { describe, expect, it } from 'vitest';
import { parseRunbook } from '../../src/runbook/read.ts';
import { commandLine, quickCommandOf } from '../../src/quick/command.ts';
import { downOf, tableDifference, tablesNamed } from '../../src/quick/tables.ts';
import { recordedMigrations, takenBy } from '../../src/quick/takes.ts';

const read = (shell: string, fence = 'bash') =>
  quickCommandOf(
    parseRunbook(`# A\n\n## Quick Rollback\n\n\`\`\`${fence}\n${shell}\n\`\`\`\n\nMore words.\n`, 'a.md'),
  );

describe('quickCommandOf', () => {
  it('reads the folder, how far back, and what else is given', () => {
    expect(read('cd singularity\nmix ecto.rollback --step 1')).toMatchObject({
      kind: 'ecto',
      folder: 'singularity',
      target: { step: 1 },
      more: [],
    });
    expect(read('$ mix ecto.rollback -r My.Repo --to=20250101000014 --quiet # all of it')).toMatchObject({
      target: { to: '20250101000014' },
      more: ['-r', 'My.Repo', '--quiet'],
      folder: null,
    });
    expect(read('mix ecto.rollback')).toMatchObject({ target: { step: 1 } });
    expect(read('cd "my app" && mix ecto.rollback -n 2')).toMatchObject({
      folder: 'my app',
      target: { step: 2 },
    });
  });

  it.each([
    'mix ecto.rollback --all',
    'mix ecto.rollback --to-exclusive 1',
    'mix ecto.rollback --step',
    'mix ecto.rollback --step 0',
    'mix ecto.rollback -r $(whoami)',
    'mix ecto.rollback; rm -rf /',
    'mix ecto.rollback | tee log',
    'mix ecto.migrate',
    'bin/rails db:rollback',
    'cd a\ncd b\nmix ecto.rollback',
  ])('does not pretend to understand: %s', (shell) => {
    expect(read(shell)).toMatchObject({ kind: 'other' });
  });

  it('names nothing where the runbook has no such section, or no command in it', () => {
    expect(
      quickCommandOf(parseRunbook('# A\n\n## Step 1: B\n\n```sql\nSELECT 1;\n```\n', 'a.md')),
    ).toBeNull();
    expect(read('SELECT 1;', 'sql')).toBeNull();
    expect(read('cd singularity')).toBeNull();
  });

  it('is made anew from what was understood', () => {
    const found = read('mix ecto.rollback --step 1 -r My.Repo');
    if (found?.kind !== 'ecto') throw new Error('not understood');
    expect(commandLine(found, found.target)).toBe('mix ecto.rollback --step 1 -r My.Repo');
    expect(commandLine(found, { to: '20250101000014' })).toBe(
      'mix ecto.rollback --to 20250101000014 -r My.Repo',
    );
  });
});

describe('takenBy', () => {
  const files = [12, 14, 15].map((one) => ({ version: String(one), file: `${one}_x.exs` }));
  const recorded = recordedMigrations(['12', '14', '16', '15', 'odd'], files);
  const versions = (list: { version: string }[]): string[] => list.map(({ version }) => version);

  it('goes from the newest down, and passes over what has no file without counting it', () => {
    expect(versions(recorded)).toEqual(['16', '15', '14', '12']);
    const one = takenBy({ step: 1 }, recorded);
    expect(versions(one.takes)).toEqual(['15']);
    expect(versions(one.passedOver)).toEqual(['16']);
    expect(versions(takenBy({ step: 3 }, recorded).takes)).toEqual(['15', '14', '12']);
  });

  it('goes down to a version and takes it too', () => {
    expect(versions(takenBy({ to: '14' }, recorded).takes)).toEqual(['15', '14']);
    expect(versions(takenBy({ to: '99' }, recorded).takes)).toEqual([]);
  });
});

describe('tables that a migration speaks of', () => {
  const file = `def up do
    create table(:only_up) do
    end
  end

  def down do
    execute("ALTER TABLE codebase_snapshots RENAME TO detection_events")
    # technology_patterns is not touched here
    drop table(:strangers)
    execute "DELETE FROM Others WHERE true"
  end`;

  it('are those of its down', () => {
    expect(downOf(file)).not.toContain('only_up');
    expect(tablesNamed(downOf(file))).toEqual([
      'codebase_snapshots',
      'detection_events',
      'others',
      'strangers',
    ]);
  });

  it('are compared with the plan, without the table of versions and without comments', () => {
    const known = ['codebase_snapshots', 'detection_events', 'technology_patterns', 'schema_migrations'];
    expect(tableDifference(file, known, 'schema_migrations')).toEqual({
      missing: ['technology_patterns'],
      strange: ['others', 'strangers'],
    });
  });

  it('are read from the whole text where there is no down', () => {
    expect(tablesNamed(downOf('def change do\n  rename table(:a), to: table(:b)\nend'))).toEqual(['a', 'b']);
  });
});
