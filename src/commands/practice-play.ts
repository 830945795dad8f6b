/** A drill played by a script, to its end and through every run that follows on it: for showing, checking and testing it. */
import type { JournalEvent, Outcome, UnwrittenEvent } from '../journal/types.ts';
import { playerOf, type Player } from '../practice/drill/answers.ts';
import { liveDrill } from '../practice/drill/live.ts';
import type { Stage } from '../practice/drill/stage.ts';
import type { Drill, EndState, Play } from '../practice/drill/types.ts';
import type { Score } from '../practice/score/types.ts';
import type { State } from '../wizard/types.ts';
import type { Options } from './args.ts';
import { beginRun, rollbackBy, type Practised } from './begin.ts';
import type { Io } from './io.ts';
import { runUnasked } from './unasked.ts';
import { nextSubject, withoutPresets, type Walk } from './walk.ts';

export interface Played {
  /** Of the last run. */
  outcome: Outcome | null;
  exitStatus: number;
  /** Of all runs, in order. */
  events: JournalEvent[];
  end: EndState;
  score: Score;
  /** Answers of the play that were never asked for. */
  unused: string[];
}

export interface Playing {
  drill: Drill;
  play: Pick<Play, 'answers'>;
  /** Made ready, and used up by this. The caller stops it. */
  stage: Stage;
  options: Options;
  say: (text: string) => Promise<void>;
  /** False: its title and level are not told. */
  named?: boolean;
}

/** The options of the command line, with those that the story gives. */
export const optionsOf = (drill: Pick<Drill, 'options'>, options: Options): Options => ({
  ...options,
  ...(drill.options['backup'] === undefined ? {} : { backup: drill.options['backup'] }),
  ...(drill.options['project'] === undefined ? {} : { project: drill.options['project'] }),
});

/**
 * Plays a drill. The current folder has to be the drill's.
 * @throws {BadPlay} when the play cannot go on as it is written
 */
export async function playDrill(
  io: Io,
  { drill, play, stage, options, say, named = true }: Playing,
): Promise<Played> {
  const [{ drillStateOf }, { scoreOf }] = await Promise.all([
    import('../practice/coach/state.ts'),
    import('../practice/score/score.ts'),
  ]);
  const events: JournalEvent[] = [];
  const live = liveDrill({ drill, stage: Promise.resolve(stage), person: io.osUser });
  const { attemptAt, judgedAs } = await import('./practice-judged.ts');
  // Nobody practised: it is judged, and not kept.
  const attempt = await attemptAt(io, drill, io.osUser, false);
  const practised: Practised = judgedAs(
    {
      drill: drillStateOf(drill, { named, simulated: stage.simulated, following: null }),
      around: live.around,
      tasks: live.tasks,
      happened: live.happened,
      onJournal(event: JournalEvent | UnwrittenEvent) {
        live.heard(event);
        if (event.seq !== null) events.push(event);
      },
    },
    attempt,
  );
  const player = playerOf(play);
  let exitStatus = 0;
  try {
    let walked: Walk | null = {
      options,
      subject: rollbackBy(io, options, null),
      place: {
        connection: Promise.resolve(stage.connection),
        embedded: true,
        seconds: () => stage.seconds,
      },
      practice: async () => practised,
    };
    while (walked) {
      const once = await playRun(io, walked, player, say);
      exitStatus = once.exitStatus;
      const subject = await nextSubject(io, once.last, walked);
      walked = subject && {
        ...walked,
        subject,
        options: withoutPresets(walked.options, once.last),
        practice: async () => ({ ...practised, drill: { ...practised.drill, told: true } }),
      };
    }
  } finally {
    await live.injector.close();
  }
  const end = { keeps: events.findLast((event) => event.type === 'drill-ended')?.keeps ?? [] };
  const outcome = events.findLast((event) => event.type === 'result')?.outcome ?? null;
  return {
    outcome,
    exitStatus,
    events,
    end,
    score: scoreOf(drill, events, end),
    unused: player.unused(),
  };
}

async function playRun(
  io: Io,
  { options, subject, place, practice }: Walk,
  player: Player,
  say: Playing['say'],
): Promise<{ exitStatus: number; last: State | null }> {
  const begun = await beginRun(io, { options, subject, place, practice, surface: 'self-play' });
  let last: State | null = null;
  const exitStatus = await runUnasked(io, begun, say, player.answer, (state) => (last = state));
  return { exitStatus, last };
}
