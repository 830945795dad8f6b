/** `backout practice --instructor`: a second terminal, from which a drill is watched and its events are made to happen. */
import { listenTo, runningDrills, type Listening } from '../practice/instructor/connect.ts';
import { controlFolder, whyNoInstructor } from '../practice/instructor/place.ts';
import { instructorReduce, noInstructor } from '../practice/instructor/view.ts';
import type { Event, Task } from '../wizard/types.ts';
import { EXIT, UserError } from '../exit.ts';
import type { Options } from './args.ts';
import type { Begun } from './begin.ts';
import type { Io } from './io.ts';
import { emptyWizard } from './practice-list-screen.ts';
import { checkTerminal, inLines, onScreens } from './walk.ts';

/** How often it is looked for a drill while there is none. */
const LOOK_MS = 500;

const SHORTER = 'Set XDG_RUNTIME_DIR to a short path for both terminals, on a system with Unix sockets.';

/** What the screen's tasks do; `close` ends all of it. */
function performer(folder: string) {
  let listening: Listening | null = null;
  let looking: NodeJS.Timeout | null = null;
  let closed = false;
  let release: () => void = () => undefined;
  let underWay = new Promise<void>((resolve) => (release = resolve));

  async function look(emit: (event: Event) => void): Promise<void> {
    const found = await runningDrills(folder);
    if (closed) return;
    if (found.length > 0) emit({ type: 'instructor-found', found });
    else looking = setTimeout(() => void look(emit), LOOK_MS);
  }

  function watch(path: string, emit: (event: Event) => void): void {
    listening = listenTo(
      path,
      (news) => emit({ type: 'instructor-news', news }),
      () => {
        if (!closed) emit({ type: 'instructor-over' });
      },
    );
  }

  return {
    perform(task: Task, emit: (event: Event) => void): void {
      if (task.type !== 'instruct' || closed) return;
      if (task.do === 'find') void look(emit);
      else if (task.do === 'watch') watch(task.path, emit);
      else listening?.inject(task.id);
    },
    /** Somebody may begin a drill, or it may go on, for as long as the instructor wants. */
    idle: () => underWay,
    close(): Promise<void> {
      closed = true;
      if (looking) clearTimeout(looking);
      listening?.close();
      release();
      underWay = Promise.resolve();
      return underWay;
    },
  };
}

/** Watches drills until the instructor leaves. @throws {UserError} 64 without a terminal, 69 where no drill can be watched */
export async function instructorCommand(io: Io, options: Options): Promise<number> {
  checkTerminal(io, options);
  const folder = controlFolder(io.env, io.home);
  const why = whyNoInstructor(folder);
  if (why !== null) throw new UserError(why, SHORTER, EXIT.cannotConnect);
  const { perform, idle, close } = performer(folder);
  const plain = options.plain || io.dumb;
  const reduce = instructorReduce({ newQuestions: plain });
  const begin = async (): Promise<Begun> => {
    const wizard = await emptyWizard(io, { instructor: noInstructor() });
    return {
      ...wizard,
      perform,
      idle,
      interrupt: close,
      reduce(state, event) {
        const next = reduce(state, event);
        // With an outcome the surface waits until nothing is under way any more.
        if (next.state.outcome) void close();
        return next;
      },
    };
  };
  try {
    if (plain) await inLines(io, await begin());
    else await onScreens(io, true, begin);
    return EXIT.ok;
  } finally {
    await close();
  }
}
