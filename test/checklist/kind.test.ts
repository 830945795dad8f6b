import { describe, expect, it } from 'vitest';
import { helpFor, type HelpContext } from '../../src/checklist/kind.ts';
import { NO_CONFIG } from '../../src/config/types.ts';
import { parseRunbook } from '../../src/runbook/read.ts';
import { tablesOfRunbook } from '../../src/runtime/checklist.ts';
import { readFileSync } from 'node:fs';

const context: HelpContext = {
  config: NO_CONFIG,
  consentOf: (command) => ({ word: command.split(' ')[0] ?? '' }),
  untypable: null,
};

const item = (text: string, command?: string) => ({
  id: 'i',
  text,
  line: 1,
  ...(command ? { command } : {}),
});

const kinds = (text: string, command?: string) =>
  helpFor(item(text, command), context).map((help) =>
    help.kind === 'command' ? `${help.role}: ${help.command ?? 'asked for'}` : help.kind,
  );

describe('what helps with an item', () => {
  it('is told from its words, for any runbook', () => {
    expect(kinds('Verify application starts without errors')).toEqual(['start: asked for']);
    expect(kinds('Restart the API service')).toEqual(['start: asked for']);
    expect(kinds('Run test suite: mix test', 'mix test')).toEqual(['test: mix test']);
    expect(kinds('Check logs for Ecto query errors')).toEqual(['log']);
    expect(kinds('Run `tail -f app.log` and watch the log', 'tail -f app.log')).toEqual([
      'other: tail -f app.log',
      'log',
    ]);
    expect(kinds('Run the cache warmer', './warm.sh')).toEqual(['other: ./warm.sh']);
    expect(kinds('Update documentation if schema changes are permanent')).toEqual(['note']);
    expect(kinds('Plan forward migration fix if needed')).toEqual(['note']);
    expect(kinds('Tell the product owner')).toEqual([]);
  });

  it('takes the command of the configuration before the runbook’s, with whose it is', () => {
    const config = {
      ...NO_CONFIG,
      commands: { test: 'make test', start_seconds: 5 },
      project: { folder: '/app' },
    };
    const [help] = helpFor(item('Run test suite', 'mix test'), { ...context, config });
    expect(help).toMatchObject({ command: 'make test', from: 'config', word: 'make', folder: '/app' });
  });

  it('says why a command is only text', () => {
    const consentOf = () => ({ why: 'Another runbook.' });
    expect(helpFor(item('Run it', './x.sh'), { ...context, consentOf })).toMatchObject([
      { word: null, why: 'Another runbook.' },
    ]);
  });
});

describe('a probe in a runbook', () => {
  const runbook = parseRunbook(
    [
      '# Rollback\n## Step 1: x\n```sql\nSELECT 1;\n```\n## Checklist\n- [ ] Features work\n',
      '  ```sql probe="Rows are there" expect="true"\n  SELECT count(*) > 0 FROM a;\n  ```\n',
      '- [ ] Nothing else\n\n```sql probe\n-- How many\nSELECT count(*) FROM b;\nSELECT 2;\n```\n',
      '## Verification\n```sql\n\\dt a\n-- Should NOT exist:\n\\dt public.b\n```\n',
    ].join(''),
    '/r.md',
  );

  it('belongs to the item that it stands in, or below', () => {
    expect(runbook.checklist).toMatchObject([
      {
        text: 'Features work',
        probes: [{ title: 'Rows are there', expect: 'true', sql: 'SELECT count(*) > 0 FROM a', line: 9 }],
      },
      { text: 'Nothing else', probes: [{ title: 'How many' }, { title: 'Probe', sql: 'SELECT 2' }] },
    ]);
    expect(runbook.checklist[1]?.probes?.[0]).not.toHaveProperty('expect');
    expect(helpFor(runbook.checklist[0]!, context)).toMatchObject([{ kind: 'probe' }]);
  });

  it('the tables of the rollback are those that its verification names', () => {
    expect(tablesOfRunbook(runbook)).toEqual({ there: ['a'], gone: ['b'] });
  });
});

it('every item of the runbook that ships has what helps with it', () => {
  const path = new URL('../../runbooks/20250101000014-align-schema-table-names.md', import.meta.url);
  const { checklist } = parseRunbook(readFileSync(path, 'utf8'), path.pathname);
  expect(checklist.map((entry) => helpFor(entry, context).map(({ kind }) => kind))).toEqual([
    ['command'],
    ['command'],
    ['log'],
    ['probe'],
    ['note'],
    ['note'],
  ]);
});
