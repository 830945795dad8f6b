/** A wizard of two screens that never ends by itself, for tests of signals and of the terminal. */
import { runApp } from '../../../src/app.tsx';
import { standardStreams, writeOut } from '../../../src/terminal/streams.ts';
import { fakeWizard, going, screen } from '../../ui/fake-wizard.ts';

const wizard = fakeWizard([
  screen(going('one'), { actions: [{ id: 'stop', keys: ['s'], label: 'Stop', enabled: true }] }),
  screen({ kind: 'wait', id: 'w', prompt: 'Working', since: null }),
]);

const { stdin, stdout } = standardStreams();
const state = await runApp({
  ...wizard,
  reduce(before, event) {
    if (event.type === 'action' && event.action === 'stop') throw new Error('a defect \x1b[31m of ours');
    return wizard.reduce(before, event);
  },
  cleanUp: () => writeOut('cleaned up\n'),
  stdin,
  stdout,
  env: process.env,
});
await writeOut(`heard ${wizard.heard.join(' ')}; exit ${state.outcome?.exitStatus}\n`);
process.exitCode = state.outcome?.exitStatus ?? 0;
