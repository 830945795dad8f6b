/** Whether the quick rollback is sound: each finding, and the commands that are offered. */
import { describe, expect, it } from 'vitest';
import { judgeQuick, type QuickFacts } from '../../src/quick/judge.ts';
import type { QuickFinding } from '../../src/quick/types.ts';

const OURS = '20250101000014';
const fileOf = (version: string) => ({
  version,
  file: `${version}_some.exs`,
  path: `/app/priv/repo/migrations/${version}_some.exs`,
  folder: 'priv/repo/migrations',
});

function facts(more: Partial<QuickFacts> = {}, versions: string[] = [OURS]): QuickFacts {
  return {
    command: {
      kind: 'ecto',
      written: 'mix ecto.rollback --step 1',
      folder: null,
      target: { step: 1 },
      more: [],
      path: null,
    },
    version: OURS,
    mix: '/usr/bin/mix',
    folder: '/app',
    project: { folder: '/app', isMix: true, folders: ['priv/repo/migrations'], files: versions.map(fileOf) },
    recorded: versions,
    position: { steps: [{ id: 'step-1', state: 'pending', statements: [] }] },
    tables: { missing: [], strange: [] },
    noArchive: null,
    withoutArchive: false,
    embedded: false,
    ...more,
  };
}

const status = (found: QuickFinding[]): Record<string, string> =>
  Object.fromEntries(found.filter((one) => one.status !== 'pass').map((one) => [one.id, one.status]));
const detail = (found: QuickFinding[], id: string): string => {
  const one = found.find((finding) => finding.id === id);
  return [one?.detail ?? '', ...(one?.items ?? [])].join(' ');
};

describe('judgeQuick', () => {
  it('finds it sound where the migration is the latest and nothing is rolled back', () => {
    const { findings, commands } = judgeQuick(facts());
    expect(status(findings)).toEqual({});
    expect(commands.map(({ command }) => command)).toEqual(['mix ecto.rollback --step 1']);
  });

  it('is not sound where the plan names tables of other schemas, which are not copied', () => {
    const { findings } = judgeQuick(facts({ elsewhere: ['auth.users'] }));
    expect(status(findings)).toEqual({ schemas: 'fail' });
    expect(detail(findings, 'schemas')).toContain('auth.users');
  });

  it('names the migration that --step 1 would take instead, and offers --to with all it would take back', () => {
    const later = '20250101000015';
    const { findings, commands } = judgeQuick(facts({}, [OURS, later]));
    expect(status(findings)).toEqual({ latest: 'warn', takes: 'warn' });
    expect(detail(findings, 'takes')).toContain(`it would take back ${later}_some`);
    expect(
      commands.map(({ id, command, takes }) => [id, command, takes.map(({ version }) => version)]),
    ).toEqual([['to', `mix ecto.rollback --to ${OURS}`, [later, OURS]]]);
  });

  it('says which recorded migrations would be passed over because their files are gone', () => {
    const later = '20250101000015';
    const { findings, commands } = judgeQuick(facts({ recorded: [OURS, later] }));
    expect(status(findings)).toEqual({ latest: 'warn', takes: 'warn' });
    expect(detail(findings, 'takes')).toContain(`passed over: ${later} (its file is gone)`);
    expect(commands[0]?.takes.map(({ version }) => version)).toEqual([OURS]);
  });

  it.each<[string, Partial<QuickFacts>, Record<string, string>, string]>([
    ['no mix', { mix: null }, { mix: 'fail' }, 'PATH'],
    ['no folder', { project: null }, { project: 'fail' }, '/app'],
    ['not recorded', { recorded: [] }, { latest: 'fail', takes: 'fail' }, 'not recorded'],
    ['no table of versions', { recorded: null }, { latest: 'fail', takes: 'fail' }, 'no table'],
    [
      'begun already',
      { position: { steps: [{ id: 'step-1', state: 'partial', statements: [] }] } },
      { position: 'fail' },
      'step-1',
    ],
    ['practice', { embedded: true }, { mix: 'fail' }, 'Practice'],
    ['no archive', { noArchive: 'app may not create schema backout' }, { kept: 'fail' }, 'may not create'],
    ['without archive', { withoutArchive: true }, { kept: 'warn' }, 'cannot be undone'],
    [
      'another text',
      { tables: { missing: ['technology_patterns'], strange: ['x'] } },
      { text: 'warn' },
      'technology_patterns',
    ],
    [
      'several repositories',
      { project: { ...facts().project!, folders: ['priv/a/migrations', 'priv/b/migrations'] } },
      { repositories: 'warn' },
      'priv/b/migrations',
    ],
  ])('%s', (_name, more, expected, words) => {
    const { findings } = judgeQuick(facts(more));
    expect(status(findings)).toEqual(expected);
    expect(findings.map(({ id }) => detail(findings, id)).join(' ')).toContain(words);
  });

  it("refuses where the migration's file is gone: mix would take an older one", () => {
    const older = '20250101000013';
    const { findings, commands } = judgeQuick(
      facts({ project: { ...facts().project!, files: [fileOf(older)] }, recorded: [OURS, older] }),
    );
    expect(status(findings)).toMatchObject({ file: 'fail', takes: 'fail' });
    expect(detail(findings, 'takes')).toContain(`${older}_some`);
    expect(commands).toEqual([]);
  });
});
