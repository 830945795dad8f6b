/** Makes a drill's events happen: each once, when its moment has come, or when the instructor wants it. */
import type { JournalBody } from '../../journal/types.ts';
import { momentMatches } from './moment.ts';
import type { Happening, Scene } from './scene.ts';
import type { Drill, Injection } from './types.ts';

type InjectedBody = Extract<JournalBody, { type: 'injected' }>;

export interface Injector {
  /**
   * Takes a line of the journal, before or after it is written, once or twice: what is due begins at once. A cut is
   * armed before this returns.
   */
  saw(event: JournalBody): void;
  /** At the instructor's key; says what came of it. Nothing but the drill's own events can be named. */
  inject(id: string): Promise<string>;
  /** What has not happened yet. */
  waiting(): Injection[];
  /** Something was begun and has not happened yet. */
  busy(): boolean;
  /** Resolves when what was begun has happened; after five seconds in any case. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface InjectorOptions {
  drill: Pick<Drill, 'events'>;
  scene: Scene;
  /** Writes it into the journal. */
  record(body: JournalBody): void;
}

/** An event that waits for a lock must not keep the wizard waiting. */
const PATIENCE_MS = 5_000;

export function createInjector({ drill, scene, record }: InjectorOptions): Injector {
  let waiting = [...drill.events];
  let lasting: { injection: Injection; happening: Promise<Happening> }[] = [];
  const underWay = new Set<Promise<unknown>>();

  function tracked<T>(work: Promise<T>): Promise<T> {
    const done = work.catch(() => undefined).finally(() => underWay.delete(done));
    underWay.add(done);
    return work;
  }

  async function happen(injection: Injection, by: InjectedBody['by']): Promise<string> {
    waiting = waiting.filter((one) => one !== injection);
    const happening = scene.act(injection.act);
    lasting.push({ injection, happening });
    const { id, title } = injection;
    try {
      const { simulated } = await happening;
      record({ type: 'injected', id, title, by, simulated });
      return `${title} (done)`;
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      lasting = lasting.filter((one) => one.happening !== happening);
      record({ type: 'note', text: `The event ${id} of the drill could not be made to happen: ${words}` });
      return `It could not be made to happen: ${words}`;
    }
  }

  async function endAll(ended: typeof lasting): Promise<void> {
    lasting = lasting.filter((one) => !ended.includes(one));
    await Promise.all(ended.map(async ({ happening }) => (await happening.catch(() => null))?.end()));
  }

  return {
    saw(event) {
      const over = lasting.filter(({ injection: { act } }) =>
        act.kind === 'hold' && act.until !== null ? momentMatches(act.until, event) : false,
      );
      if (over.length > 0) void tracked(endAll(over));
      for (const injection of waiting) {
        if (!injection.byInstructor && momentMatches(injection.when, event)) {
          void tracked(happen(injection, 'drill'));
        }
      }
    },
    async inject(id) {
      const injection = waiting.find((one) => one.id === id);
      if (injection) return tracked(happen(injection, 'instructor'));
      return drill.events.some((one) => one.id === id)
        ? 'That has happened already.'
        : 'The drill has no such event.';
    },
    waiting: () => [...waiting],
    busy: () => underWay.size > 0,
    async settled() {
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
      const done = async (): Promise<void> => {
        while (underWay.size > 0) await Promise.all(underWay);
      };
      await Promise.race([done(), enough]);
      clearTimeout(timer);
    },
    async close() {
      waiting = [];
      await endAll(lasting);
    },
  };
}
