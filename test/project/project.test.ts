/** The application's source after a rollback: found by table name, shown as a diff, edited with a copy beside it. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changesOf, type PlanChanges } from '../../src/project/changes.ts';
import { editProject, patchOf, writePatch } from '../../src/project/edit.ts';
import { rewrite } from '../../src/project/rewrite.ts';
import { scanProject } from '../../src/project/scan.ts';
import { shipped } from '../runbook/shipped.ts';

let folder: string;
let changes: PlanChanges;

const SNAPSHOT = `defmodule Singularity.Schemas.CodebaseSnapshot do
  use Ecto.Schema

  @primary_key {:id, :binary_id, autogenerate: true}
  schema "codebase_snapshots" do
    field :codebase_id, :string
    field :snapshot_id, :integer
    field :metadata, :map, default: %{}
    field :summary, :map
    field :detected_technologies, {:array, :string}
    field :features, :map

    timestamps(type: :utc_datetime)
  end
end
`;

const STORE = `defmodule Singularity.Git.GitStateStore do
  schema "git_agent_sessions" do
    field :agent_id, :string
    field :branch, :string
    field :meta, :map
  end

  # codebase_snapshots is named here in a comment alone
  def all, do: from(s in "git_agent_sessions", where: s.status == "active")
  def raw, do: query("SELECT * FROM codebase_snapshots")
  def merges, do: from(m in "git_pending_merges")
end
`;

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backout-project-'));
  changes = changesOf((await shipped()).plan);
  await put('lib/singularity/schemas/codebase_snapshot.ex', SNAPSHOT);
  await put('lib/singularity/git/git_state_store.ex', STORE);
  await put('priv/repo/migrations/1_create.exs', 'create table("codebase_snapshots")\n');
  await put('deps/other/lib/a.ex', 'schema "codebase_snapshots" do\nend\n');
  await put('lib/untouched.ex', 'IO.puts("detection_events and codebase_snapshots_old")\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const SCHEMA_AFTER = `  schema "detection_events" do
    field :event_type, :string
    field :detector, :string
    field :confidence, :float
    field :data, :map
    field :metadata, :map, default: %{}

    timestamps(type: :utc_datetime)
  end`;

describe('what the plan changes in names', () => {
  it('is read off its effects', () => {
    expect(changes.tables.map(({ from, to }) => [from, to])).toEqual([
      ['codebase_snapshots', 'detection_events'],
      ['git_agent_sessions', 'git_sessions'],
    ]);
    expect(changes.tables[1]).toMatchObject({
      renamed: [{ from: 'branch', to: 'branch_name' }],
      dropped: ['agent_id', 'workspace_path', 'correlation_id', 'meta'],
    });
    expect(changes.gone).toEqual([
      'git_merge_history',
      'git_pending_merges',
      'technology_templates',
      'technology_patterns',
    ]);
    expect(changes.made).toEqual(['technology_knowledge']);
  });
});

describe('the scan', () => {
  it('finds the schema files by table name and shows them as a diff, with fields; migrations and deps are left out', async () => {
    const scan = await scanProject(folder, changes);
    expect(scan.changes.map(({ path }) => path)).toEqual([
      'lib/singularity/git/git_state_store.ex',
      'lib/singularity/schemas/codebase_snapshot.ex',
    ]);
    const [store, snapshot] = scan.changes;
    expect(snapshot?.after).toContain(SCHEMA_AFTER);
    expect(snapshot?.diff).toContain('-  schema "codebase_snapshots" do\n-    field :codebase_id, :string\n');
    expect(snapshot?.diff).toContain('+  schema "detection_events" do\n+    field :event_type, :string\n');
    expect(store?.after).toContain('    field :branch_name, :string\n  end');
    expect(store?.after).toContain('from(s in "git_sessions"');
    expect(scan.look.map(({ path, line, names }) => [path, line, names])).toEqual([
      ['lib/singularity/git/git_state_store.ex', 10, 'codebase_snapshots'],
      ['lib/singularity/git/git_state_store.ex', 11, 'git_pending_merges'],
    ]);
  });

  it('changes nothing on the disk, and follows no link', async () => {
    await symlink(join(folder, 'deps'), join(folder, 'lib', 'linked'));
    await scanProject(folder, changes);
    expect(await readFile(join(folder, 'lib/singularity/schemas/codebase_snapshot.ex'), 'utf8')).toBe(
      SNAPSHOT,
    );
    expect((await scanProject(folder, changes)).changes).toHaveLength(2);
  });
});

describe('rewriting', () => {
  it('keeps line ends, and leaves a text without these names as it is', () => {
    expect(rewrite('a = "codebase_snapshots"\r\nb\r\n', changes).text).toBe(
      'a = "detection_events"\r\nb\r\n',
    );
    expect(rewrite('x = "my_codebase_snapshots"\n', changes).text).toBe('x = "my_codebase_snapshots"\n');
  });

  it('does not touch a field that goes on over several lines', () => {
    const text = 'schema "codebase_snapshots" do\n  field :features,\n    :map\nend\n';
    expect(rewrite(text, changes).text).toContain('  field :features,\n    :map\n');
  });
});

describe('editing', () => {
  it('copies each file beside it first and keeps its rights', async () => {
    const file = join(folder, 'lib/singularity/schemas/codebase_snapshot.ex');
    await chmod(file, 0o640);
    const edited = await editProject(await scanProject(folder, changes));
    expect(edited.map(({ refused }) => refused)).toEqual([null, null]);
    expect(await readFile(file, 'utf8')).toContain(SCHEMA_AFTER);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await readFile(`${file}.before-backout`, 'utf8')).toBe(SNAPSHOT);
    const again = await scanProject(folder, changes);
    expect(again.changes).toEqual([]);
    expect((await readdir(dirname(file))).sort()).toEqual([
      'codebase_snapshot.ex',
      'codebase_snapshot.ex.before-backout',
    ]);
  });

  it('leaves a file that was changed since it was shown', async () => {
    const scan = await scanProject(folder, changes);
    const file = join(folder, 'lib/singularity/schemas/codebase_snapshot.ex');
    await writeFile(file, `${SNAPSHOT}# mine\n`);
    const edited = await editProject(scan);
    expect(edited.find(({ path }) => path.endsWith('codebase_snapshot.ex'))).toMatchObject({
      copy: null,
      refused: 'It was changed since it was shown.',
    });
    expect(await readFile(file, 'utf8')).toBe(`${SNAPSHOT}# mine\n`);
  });

  it('writes the diff to a new file, and overwrites none', async () => {
    const scan = await scanProject(folder, changes);
    const path = join(folder, 'change.patch');
    await writePatch(path, scan);
    expect(await readFile(path, 'utf8')).toBe(patchOf(scan));
    await expect(writePatch(path, scan)).rejects.toThrow(/EEXIST/);
  });
});
