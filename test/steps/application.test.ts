/** The application's source, in front of the verification: looked at, written as a diff, edited on a typed consent. */
import { describe, expect, it } from 'vitest';
import type { ProjectScan } from '../../src/project/scan.ts';
import { verification, failure, Walk } from '../wizard/support.ts';

const SCAN: ProjectScan = {
  folder: '/srv/app',
  files: 12,
  changes: [
    {
      path: 'lib/a.ex',
      before: 'schema "s"',
      after: 'schema "e"',
      diff: '--- lib/a.ex\n+++ lib/a.ex\n-schema "s"\n+schema "e"\n',
    },
  ],
  look: [{ path: 'lib/b.ex', line: 3, text: 'query(s)', names: 's' }],
  cut: null,
};

const verified = (): Walk =>
  new Walk().allSteps().send({ type: 'verified', verification: verification(true) });
const looked = (): Walk => verified().act('application').send({ type: 'application-scanned', scan: SCAN });

describe('the application', () => {
  it('is looked at on a key, as a diff; nothing is edited by that', () => {
    const walk = looked();
    expect(walk.started('scan-application')).toBe(1);
    expect(walk.words).toContain('1 file below /srv/app must change; 12 files looked into.');
    expect(walk.words).toContain('-schema "s"\n+schema "e"');
    expect(walk.words).toContain('lib/b.ex:3 names s');
    expect(walk.question).toMatchObject({ default: 'close', unattended: 'close' });
    walk.answer('close');
    expect(walk.question.id).toContain('verification');
    expect(walk.started('edit-application')).toBe(0);
  });

  it('found with the verification is named there, without being asked for', () => {
    const walk = new Walk()
      .allSteps()
      .send(
        { type: 'application-scanned', scan: SCAN, unasked: true },
        { type: 'verified', verification: verification(true) },
      );
    expect(walk.words).toContain('lib/a.ex names a table that is called otherwise now');
    expect(walk.act('application').started('scan-application')).toBe(0);
  });

  it('is edited only when that is typed, and the journal says what became of each file', () => {
    const walk = looked().answer('edit');
    expect(walk.question).toMatchObject({ kind: 'typed', expected: 'edit the files' });
    walk.answer('yes');
    expect(walk.started('edit-application')).toBe(0);
    expect(walk.words).toContain('No file was edited.');
    walk.answer('edit').answer('edit the files');
    expect(walk.started('edit-application')).toBe(1);
    walk.send({
      type: 'application-edited',
      edited: [{ path: 'lib/a.ex', copy: '/srv/app/lib/a.ex.before-backout', refused: null }],
    });
    expect(walk.words).toContain('As it was: /srv/app/lib/a.ex.before-backout');
    expect(walk.journal).toContainEqual({
      type: 'note',
      text: expect.stringContaining('lib/a.ex: edited, before: /srv/app/lib/a.ex.before-backout'),
    });
  });

  it('is written as a diff beside the report', () => {
    const walk = looked()
      .answer('write')
      .send({ type: 'application-diff', path: '/runs/x/application.patch' });
    expect(walk.words).toContain('The diff is written: /runs/x/application.patch');
  });

  it('asks for the folder where none is known, and again after one that cannot be read', () => {
    const walk = verified().act('application').send({ type: 'application-scanned', scan: null });
    expect(walk.question.kind).toBe('text');
    walk.answer('/nowhere');
    expect(walk.last).toContainEqual({ type: 'scan-application', folder: '/nowhere' });
    walk.send({ type: 'application-failed', error: failure({ message: '/nowhere cannot be read' }) });
    expect(walk.words).toContain('/nowhere cannot be read');
    walk.answer('');
    expect(walk.question.id).toContain('verification');
  });
});
