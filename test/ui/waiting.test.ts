/** What an operator sees at 80x24 of a step that waits, of another run, and of a choice of forms. */
import { describe, expect, it } from 'vitest';
import { roadOf } from '../../src/steps/index.ts';
import { composeFrame, type Frame } from '../../src/ui/compose.ts';
import type { Line } from '../../src/ui/spans.ts';
import { freshView } from '../../src/ui/view.ts';
import { meaningOf } from '../../src/ui/meaning.ts';
import { blocker, lockWait, otherRun } from '../wizard/found.ts';
import { Walk, result, survey } from '../wizard/support.ts';

const textOf = ({ spans }: Line): string => spans.map(({ text }) => text).join('');

function frameOf(walk: Walk, columns = 80, rows = 24): Frame {
  const { screen, state } = walk;
  const view = { ...freshView(screen), armed: true };
  return composeFrame({
    state,
    screen,
    road: roadOf(state),
    view,
    size: { columns, rows },
    now: 9_000,
    startedAt: 0,
  });
}

const rowsOf = (frame: Frame): string[] =>
  [...frame.header, frame.title, ...frame.content, ...frame.question, ...frame.footer].map(textOf);

const waiting = (): Walk =>
  new Walk().running().send({ type: 'lock-waiting', wait: lockWait('step-1', 2, { blockers: [blocker()] }) });

describe('a step that waits for a lock, at 80x24', () => {
  it('has the wait, the blocker and every way out of it in view', () => {
    const frame = frameOf(waiting());
    const shown = rowsOf(frame).join('\n');
    expect(shown).toContain('Waiting for ACCESS EXCLUSIVE on snapshots');
    expect(shown).toContain('try 3 of 20, next in 1.2 s');
    expect(shown).toContain('pid 4711, user app, web, 10.0.0.3');
    expect(shown).toContain('Its query: SELECT * FROM snapshots');
    expect(shown).toContain('›  w  Wait');
    expect(shown).toContain('r  Try again now');
    expect(shown).toContain('1  Cancel the query of pid 4711');
    expect(shown).toContain('t  Terminate pid 4711');
    expect(shown).toContain('Ctrl-C Cancel the step');
    for (const row of rowsOf(frame)) expect(row.length).toBeLessThanOrEqual(80);
  });

  it('has one key for one session, and none of them is Enter', () => {
    const { screen } = waiting();
    const meant = (key: string) => meaningOf(key, screen);
    expect(meant('1')).toMatchObject({ kind: 'option', option: { value: 'cancel:4711' } });
    expect(meant('t')).toMatchObject({ kind: 'option', option: { value: 'terminate:4711' } });
    expect(screen.question).toMatchObject({ default: 'wait' });
  });

  it('asks for the pid in full view', () => {
    const shown = rowsOf(frameOf(waiting().answer('terminate:4711'))).join('\n');
    expect(shown.replace(/\s+/g, ' ')).toContain('To do that, type its pid: 4711');
    expect(shown).toContain('Esc Do not terminate');
  });

  it('stays readable at 60x16', () => {
    const shown = rowsOf(frameOf(waiting(), 60, 16)).join('\n');
    expect(shown).toContain('Waiting for ACCESS EXCLUSIVE');
    expect(shown).toContain('›  w  Wait');
  });
});

describe('another run, at 80x24', () => {
  const found = (): Walk => {
    const walk = new Walk().connected().answer('next');
    walk.send({ type: 'prerequisite', result: result('primary', 'pass') });
    walk.send({ type: 'other-run', other: otherRun({ live: true, pid: 7, activity: 'waits for a lock' }) });
    return walk.send({ type: 'prerequisites-done', survey: survey() });
  };

  it('is told first, with what can be done, taking it over in parentheses with the reason', () => {
    const shown = rowsOf(frameOf(found())).join('\n');
    expect(shown).toContain('Another run of backout is at work here');
    expect(shown).toContain('Now, pid 7: waits for a lock');
    expect(shown).toContain('(t) Take it over  Not now: Its session is still there.');
  });

  it('while watched shows the way back', () => {
    const shown = rowsOf(frameOf(found().answer('watch'))).join('\n');
    expect(shown).toContain('Watching run 20261120-0301-q8xz');
    expect(shown).toContain('Esc Stop watching');
  });
});

describe('the forms of a step, at 80x24', () => {
  it('stand with cost and reasons, the refused one in parentheses', () => {
    const shown = rowsOf(frameOf(new Walk().planned().act('forms'))).join('\n');
    expect(shown).toContain('Form of Step 1: Restore events');
    expect(shown).toContain('›  a  as written');
    expect(shown).toContain('c  copy and swap');
    expect(shown).toContain('(w) rewrite  Not now: The view v_events hangs on the table.');
  });

  it('are reached from a typed confirmation by Ctrl-F, where a letter would be text', () => {
    const walk = new Walk().atStep(survey(['applied']));
    expect(walk.question.kind).toBe('typed');
    expect(meaningOf('f', walk.screen)).toBeNull();
    expect(meaningOf('ctrl-f', walk.screen)).toMatchObject({ kind: 'action', action: { id: 'forms' } });
  });
});
