/** What the report says of data that is missed: archive, backup, forward, told truly. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRunbook } from '../../src/runbook/read.ts';
import { missedData } from '../../src/steps/trouble-afterwards.ts';
import { verification, Walk, wordsIn } from '../wizard/support.ts';

const read = (path: string) =>
  parseRunbook(readFileSync(new URL(path, import.meta.url), 'utf8'), 'runbook.md');
const first = read('../fixtures/ROLLBACK_PROCEDURE.md');
const shipped = read('../../runbooks/20250101000014-align-schema-table-names.md');

const done = (): Walk => new Walk().allSteps().send({ type: 'verified', verification: verification(true) });

describe('the report of a rollback', () => {
  it('names the undo, the backup, and that migrating forward brings nothing back', () => {
    const words = wordsIn(missedData(done().state));
    expect(words).toContain('"backout undo 20261122-1549-k3f9" brings back what the steps took away');
    expect(words).toContain('into a database beside this one, never over it');
    expect(words).toContain('migrating forward again does not bring it back');
  });

  it('without an archive says that nothing is kept', () => {
    const words = wordsIn(missedData({ ...done().state, withoutArchive: true }));
    expect(words).toContain('Nothing of what the steps took away is kept here');
    expect(words).not.toContain('backout undo');
  });

  it('contradicts a runbook that promises the data back, and not one that does not', () => {
    const says = (runbook: typeof first): string => wordsIn(missedData({ ...done().state, runbook }));
    expect(says(first)).toMatch(
      /The runbook says under "Data loss after rollback" \(line \d+\).*That is not so\./,
    );
    expect(says(shipped)).not.toContain('That is not so');
  });

  it('says nothing where nothing was rolled back', () => {
    expect(missedData(new Walk().planned().state)).toEqual([]);
  });
});
