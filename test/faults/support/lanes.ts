/** The lanes, the parent's side of them: processes that each try points on a server of their own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Answers, Question } from './lane.ts';

export interface Lane {
  /** One question at a time. @throws what the lane threw, and when it died */
  ask<Q extends Question>(question: Q): Promise<Answers[Q['type']]>;
  end(): void;
}

const script = fileURLToPath(new URL('../lane.mjs', import.meta.url));

/** Resolves when its server stands. `bundle`: the harness, as bundle.mjs made it. */
export async function startLane(bundle: string): Promise<Lane> {
  const child = fork(script, [bundle], { execArgv: ['--enable-source-maps'] });
  const heard = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const died = (): void => reject(new Error('a lane died'));
      child.once('close', died);
      child.once('message', (answer: Answer) => {
        child.off('close', died);
        if ('error' in answer) reject(new Error(answer.error));
        else resolve(answer.answer);
      });
    });
  await heard();
  return {
    ask: <Q extends Question>(question: Q) => {
      const answer = heard();
      child.send(question);
      return answer as Promise<Answers[Q['type']]>;
    },
    end: () => {
      if (child.connected) child.disconnect();
    },
  };
}

/** Every lane takes the next piece of work when it has done one. */
export async function shareOut<T>(
  lanes: readonly Lane[],
  pieces: readonly T[],
  work: (lane: Lane, piece: T) => Promise<void>,
): Promise<void> {
  const left = pieces[Symbol.iterator]();
  await Promise.all(
    lanes.map(async (lane) => {
      for (let next = left.next(); !next.done; next = left.next()) await work(lane, next.value);
    }),
  );
}
