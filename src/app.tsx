/** The terminal UI, put together: terminal, store, Ink. It ends when the wizard has an outcome and no task runs. */
import { render } from 'ink';
import { useSyncExternalStore, type ReactElement } from 'react';
import { applyColour, type ColourFlag } from './terminal/colour.ts';
import { openTerminal, type Terminal } from './terminal/open.ts';
import type { Ends } from './terminal/streams.ts';
import { composeFrame } from './ui/compose.ts';
import { FrameView } from './ui/frame-view.tsx';
import type { TerminalCommand } from './ui/press.ts';
import { Spoken } from './ui/spoken.tsx';
import { createStore, type Store } from './ui/store.ts';
import type { Event, Reduce, RoadStop, Screen, State, Task } from './wizard/types.ts';

export interface AppOptions extends Ends {
  initial: State;
  reduce: Reduce;
  screenOf(state: State): Screen;
  roadOf(state: State): RoadStop[];
  /** Starts a task; what comes of it arrives through `emit`. */
  perform(task: Task, emit: (event: Event) => void): void;
  /** Resolves when no task is under way. */
  idle?(): Promise<void>;
  /** Ends what is under way when a signal or an error ends the program: at most three seconds are waited for it. */
  cleanUp?(): Promise<void>;
  env: Record<string, string | undefined>;
  colour?: ColourFlag;
}

/** Ink draws at once what the store offers, and the store offers a dozen frames a second. */
const INK_FPS = 30;

function App({ store, spoken }: { store: Store; spoken: boolean }): ReactElement {
  const scene = useSyncExternalStore(store.subscribe, store.scene);
  return spoken ? <Spoken scene={scene} /> : <FrameView frame={composeFrame(scene)} />;
}

function obey(terminal: Terminal, command: TerminalCommand): void {
  if (command === 'redraw') terminal.screen.redraw();
  else if (command === 'suspend') terminal.suspend();
  else terminal.stop('SIGQUIT');
}

/**
 * Runs the wizard on a terminal and resolves with its last state, the terminal given back as it was found. A signal
 * or an error that nobody caught ends the process from here: the terminal is restored, `cleanUp` is waited for, the
 * exit status is 128 plus the signal's number, or 70.
 * @throws what a component threw while drawing; the terminal is restored first
 */
export async function runApp(options: AppOptions): Promise<State> {
  const { stdin, stdout, env, colour } = options;
  const idle = options.idle ?? (() => Promise.resolve());
  applyColour({ flag: colour, env, isTTY: stdout.isTTY });
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));

  const terminal = openTerminal({
    stdin,
    stdout,
    env,
    onInput: (input, at) => store.input(input, at),
    cleanUp: options.cleanUp ?? (() => Promise.resolve()),
  });
  const store = createStore({
    ...options,
    size: terminal.screen.size(),
    ticks: !terminal.screenReader,
    onCommand: (command) => obey(terminal, command),
    onOutcome: () => finish(),
  });
  const stopWatching = terminal.screen.onResize((size) => store.resize(size));
  const ink = render(<App store={store} spoken={terminal.screenReader} />, {
    stdin,
    stdout: terminal.screen.stdout,
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: INK_FPS,
    isScreenReaderEnabled: terminal.screenReader,
  });
  try {
    store.dispatch({ type: 'start' });
    await Promise.race([finished, ink.waitUntilExit()]);
    await idle();
  } finally {
    stopWatching();
    store.close();
    ink.unmount();
    terminal.close();
  }
  return store.state();
}
