import { cleanup, render } from 'ink-testing-library';
import { afterEach, describe, expect, it } from 'vitest';
import { composeFrame, type Scene } from '../../src/ui/compose.ts';
import { FrameView } from '../../src/ui/frame-view.tsx';
import { roadWords } from '../../src/ui/road.ts';
import { Spoken } from '../../src/ui/spoken.tsx';
import { freshView } from '../../src/ui/view.ts';
import type { Screen } from '../../src/wizard/types.ts';
import { result, Walk } from '../wizard/support.ts';
import { fakeState, road, screen } from './fake-wizard.ts';

afterEach(cleanup);

function scene(shown: Screen, more: Partial<Scene> = {}): Scene {
  return {
    state: fakeState(),
    screen: shown,
    road,
    view: { ...freshView(shown), armed: true },
    size: { columns: 100, rows: 24 },
    now: 61_000,
    startedAt: 0,
    ...more,
  };
}

const wait: Screen = screen(
  { kind: 'wait', id: 'w', prompt: 'Step 1 is running', since: 1000 },
  {
    blocks: [
      { kind: 'item', mark: 'done', text: 'ALTER TABLE a', detail: '3 rows, 0.5 s' },
      { kind: 'item', mark: 'running', text: 'UPDATE a' },
      { kind: 'log', lines: ['NOTICE: skipped'] },
    ],
  },
);

describe('roadWords', () => {
  it('leaves out what is next before where you are', () => {
    expect(roadWords(road).text).toBe('2 of 3, next: Plan');
    expect(roadWords(road, 10).text).toBe('2 of 3');
    expect(roadWords([]).text).toBe('');
  });
});

describe('FrameView', () => {
  it('has a row less than the terminal, the clock of what runs, and every part in its place', () => {
    const { lastFrame } = render(<FrameView frame={composeFrame(scene(wait))} />);
    const rows = (lastFrame() ?? '').split('\n');
    expect(rows).toHaveLength(23);
    expect(rows[0]).toMatch(/ {2}1 min 01 s$/);
    expect(rows[3]).toMatch(/│ +✓ done +ALTER TABLE a {2}3 rows, 0\.5 s/);
    expect(rows[4]).toMatch(/│ +▸ running +UPDATE a/);
    expect(rows[5]).toContain('│ NOTICE: skipped');
    expect(rows[21]).toContain('▸ Step 1 is running  1:00');
  });

  it('shows every screen of the wizard within 60x16, 80x24 and 140x50', () => {
    for (const size of [
      { columns: 60, rows: 16 },
      { columns: 80, rows: 24 },
      { columns: 140, rows: 50 },
    ]) {
      const walks = [
        new Walk().connected(),
        new Walk().checked([result('backup', 'warn')]),
        new Walk().deciding(),
        new Walk().planned(),
        new Walk().atStep(),
        new Walk().running(),
      ];
      for (const walk of walks) {
        const frame = composeFrame(scene(walk.screen, { size, state: walk.state }));
        const { lastFrame, unmount } = render(<FrameView frame={frame} />);
        const text = lastFrame() ?? '';
        expect(text.split('\n')).toHaveLength(size.rows - 1);
        expect(text).toContain('PRODUCTION');
        expect(frame.question.length + frame.footer.length).toBeGreaterThan(1);
        expect(frame.contentHeight).toBeGreaterThanOrEqual(3);
        unmount();
      }
    }
  });
});

describe('Spoken', () => {
  it('reads in order: where, what, the question, the keys; what is typed is said', () => {
    const typed = screen(
      { kind: 'text', id: 't', prompt: 'Password', required: true, placeholder: '', secret: true },
      { title: 'Target' },
    );
    const view = { ...freshView(typed), armed: true, text: ['a', 'b'], caret: 2 };
    const { lastFrame } = render(<Spoken scene={scene(typed, { view })} />);
    const text = lastFrame() ?? '';
    const places = [
      'PRODUCTION',
      'Target. 2 of 3, next: Plan',
      'Password',
      '2 characters typed',
      'Enter submit',
    ].map((words) => text.indexOf(words));
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(places).not.toContain(-1);
    expect(text).not.toContain('ab');
  });
});
