/** Runbooks as different teams write them: what is read out of each. */
import { readdir } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { lintRunbook } from '../../src/runbook/lint.ts';
import { readDraft } from '../../src/runbook/read.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';

const FOLDER = 'test/fixtures/runbooks';

beforeAll(loadParser);

interface Wanted {
  /** `number title: commands`. */
  steps: string[];
  /** Parts that are there beside the steps, with their count. */
  parts: string[];
  /** Titles of the sections that were not recognised. */
  unrecognised?: string[];
  /** Rules that find errors. */
  errors?: string[];
}

const CORPUS: Readonly<Record<string, Wanted>> = {
  'gitlab.md': {
    steps: ['1 Remove the new column: ALTER TABLE', '2 Bring back the old index: CREATE INDEX'],
    parts: ['prerequisites 1', 'verification 1'],
    unrecognised: ['Monitoring'],
  },
  'notion-export.md': {
    steps: ['1 Invoices: INSERT, DROP TABLE', '2 Names: ALTER TABLE'],
    parts: ['prerequisites 1', 'verification 1'],
  },
  'confluence-paste.md': {
    steps: ['1 Restore the e-mail column: ALTER TABLE', '2 Fill it: UPDATE'],
    parts: ['verification 1', 'escalation 1'],
  },
  'numbered-list.md': {
    steps: ['2 Join the names again: UPDATE', '3 Drop the halves: ALTER TABLE'],
    parts: ['verification 1'],
  },
  'german.md': {
    steps: ['1 Spalte zurückholen: ALTER TABLE', '2 Werte füllen: UPDATE'],
    parts: [
      'prerequisites 1',
      'verification 2',
      'troubleshooting 1',
      'rollback or fix forward 2',
      'escalation 1',
      'checklist 1',
    ],
  },
  'steps-one-block.md': {
    steps: ['1 Rollback procedure: ALTER TABLE, ALTER TABLE'],
    parts: ['verification 1'],
  },
  'step-paren.md': {
    steps: ['1 Views first: DELETE', '2 Then the table: ALTER TABLE'],
    parts: ['prerequisites 1', 'verification 2', 'rollback or fix forward 2'],
  },
  'deep-headings.md': {
    steps: ['1 columns: ALTER TABLE', '2 values: UPDATE'],
    parts: ['verification 1', 'troubleshooting 1'],
  },
  'crlf-and-bom.md': { steps: ['1 Do: DELETE'], parts: ['checklist 2'] },
  'looks-like-steps.md': {
    steps: ['1 Drop the new index: DROP INDEX'],
    parts: ['what the rollback does 1', 'related documents 1'],
    unrecognised: ['Sizes', '3. Useful queries'],
  },
  'step-verify-changes.md': { steps: ['1 Restore: ALTER TABLE', '2 Validation: ALTER TABLE'], parts: [] },
  'unknown-marker.md': {
    steps: ['1 Zwei: DELETE'],
    parts: [],
    unrecognised: ['Schritt eins'],
    errors: ['marker'],
  },
};

describe.each(Object.entries(CORPUS))('%s', (name, wanted) => {
  it('is read as it is meant', async () => {
    const runbook = await readDraft(`${FOLDER}/${name}`);
    const plan = planOf(runbook);
    const { findings, recognised } = lintRunbook(runbook, plan);
    const steps = runbook.steps.map(({ number, title }, at) => {
      const commands = plan.steps[at]?.statements.map(({ command }) => command) ?? [];
      return `${number} ${title}: ${commands.join(', ')}`;
    });
    expect(steps).toEqual(wanted.steps);
    const parts = recognised.filter(({ part, count }) => part !== 'steps' && count > 0);
    expect(parts.map(({ part, count }) => `${part} ${count}`)).toEqual(wanted.parts);
    expect(runbook.unrecognised.map(({ title }) => title)).toEqual(wanted.unrecognised ?? []);
    const errors = findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
    expect(errors).toEqual(wanted.errors ?? []);
  });
});

it('every file of the folder is looked at', async () => {
  expect(Object.keys(CORPUS).sort()).toEqual((await readdir(FOLDER)).sort());
});

it('says of what was taken for a step that it does not call itself one, and shows the commands in it', async () => {
  const runbook = await readDraft(`${FOLDER}/numbered-list.md`);
  const { findings } = lintRunbook(runbook, planOf(runbook));
  const found = findings.map(({ rule, line }) => `${rule} ${line}`);
  expect(found).toEqual(expect.arrayContaining(['read-as-step 11', 'read-as-step 21', 'command-in-step 14']));
  expect(runbook.steps[0]?.words).toContain(
    'Yours to run, and asked for (line 14):\necho "names are joined"',
  );
});

it('warns where SQL stands in a section that was not recognised', async () => {
  const runbook = await readDraft(`${FOLDER}/looks-like-steps.md`);
  const found = lintRunbook(runbook, planOf(runbook)).findings;
  expect(found).toContainEqual(
    expect.objectContaining({ rule: 'section-not-recognised', severity: 'warning', line: 19 }),
  );
});

it('German markers say what prose says in English', async () => {
  const { expectations, criteria, troubleshooting, checklist } = await readDraft(`${FOLDER}/german.md`);
  expect(expectations).toMatchObject([
    { kind: 'table', name: 'auftraege_neu', exists: false },
    { kind: 'index', name: 'auftraege_stand_index' },
  ]);
  expect(criteria.map(({ supports }) => supports)).toEqual(['rollback', 'fix-forward']);
  expect(troubleshooting).toMatchObject([{ cause: 'Der Bericht läuft.', solution: 'Bericht abbrechen.' }]);
  expect(checklist.map(({ text }) => text)).toEqual(['Anwendung starten']);
});
