/** The terminal UI, put together: terminal, store, Ink. It ends when the wizard has an outcome and no task runs. */
import { render, type Instance } from 'ink';
import { useSyncExternalStore, type ReactElement } from 'react';
import { applyColour, type ColourFlag } from './terminal/colour.ts';
import { openTerminal, type Terminal } from './terminal/open.ts';
import type { Ends } from './terminal/streams.ts';
import { composeFrame } from './ui/compose.ts';
import { FrameView } from './ui/frame-view.tsx';
import type { TerminalCommand } from './ui/press.ts';
import { Opening } from './ui/opening.tsx';
import { Spoken } from './ui/spoken.tsx';
import { createStore, type Store } from './ui/store.ts';
import type { Event, Reduce, RoadStop, Screen, State, Task } from './wizard/types.ts';

/** What the UI needs of the wizard. */
export interface Wizard {
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
}

interface Place extends Ends {
  env: Record<string, string | undefined>;
  colour?: ColourFlag;
}

export interface AppOptions extends Wizard, Place {}

export interface OpenOptions extends Place {
  environment: State['environment'];
  /** Loads the rest of the program while the first frame already stands. */
  load(): Promise<Wizard>;
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
export function runApp(options: AppOptions): Promise<State> {
  return run(options, options, null);
}

/** As {@link runApp}, with a first frame before the wizard is loaded. @throws what `load` throws, as well */
export function openApp(options: OpenOptions): Promise<State> {
  return run(options, options.load, <Opening environment={options.environment} />);
}

async function run(
  place: Place,
  wizard: Wizard | (() => Promise<Wizard>),
  opening: ReactElement | null,
): Promise<State> {
  const { stdin, stdout, env, colour } = place;
  applyColour({ flag: colour, env, isTTY: stdout.isTTY });
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  let store: Store | null = null;
  let loaded: Wizard | null = null;

  const terminal = openTerminal({
    stdin,
    stdout,
    env,
    onInput: (input, at) => {
      if (store) store.input(input, at);
      else if (input.type === 'key' && input.name === 'ctrl-c') terminal.stop('SIGINT');
    },
    cleanUp: async () => loaded?.cleanUp?.(),
  });
  const draw = drawer(terminal, place);
  try {
    if (opening) draw.show(opening);
    loaded = typeof wizard === 'function' ? await wizard() : wizard;
    store = createStore({
      ...loaded,
      size: terminal.screen.size(),
      ticks: !terminal.screenReader,
      onCommand: (command) => obey(terminal, command),
      onOutcome: () => finish(),
    });
    const shown = store;
    const stopWatching = terminal.screen.onResize((size) => shown.resize(size));
    try {
      draw.show(<App store={shown} spoken={terminal.screenReader} />);
      shown.dispatch({ type: 'start' });
      await Promise.race([finished, draw.ended()]);
      await loaded.idle?.();
      return shown.state();
    } finally {
      stopWatching();
      shown.close();
    }
  } finally {
    draw.close();
    terminal.close();
  }
}

/** The one Ink instance of the terminal, made with the first thing it shows. */
function drawer(terminal: Terminal, { stdin }: Place) {
  let ink: Instance | null = null;
  return {
    show(node: ReactElement): void {
      if (ink) return ink.rerender(node);
      ink = render(node, {
        stdin,
        stdout: terminal.screen.stdout,
        exitOnCtrlC: false,
        patchConsole: false,
        maxFps: INK_FPS,
        isScreenReaderEnabled: terminal.screenReader,
      });
    },
    ended: (): Promise<unknown> => ink?.waitUntilExit() ?? Promise.resolve(),
    close: (): void => ink?.unmount(),
  };
}
