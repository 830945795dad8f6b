import { expect, it } from 'vitest';
import { menuOf } from '../../src/plain/menu.ts';
import { leavingScreen } from '../../src/steps/overlays.ts';
import { Walk } from '../wizard/support.ts';

it('asks whether to leave once: no, which is where Enter stands, and yes', () => {
  const { state } = new Walk().atStep().act('leave');
  const { entries, default: enter } = menuOf(leavingScreen(state));
  expect(entries.map(({ label }) => label.replace(/:.*/, ''))).toEqual(['No', 'Yes']);
  expect(enter).toBe(0);
});
