/** Five ways to die at a time that nobody chose while COMMIT is under way. */
import type pg from 'pg';
import type { Fault, Strike } from '../support/point.ts';
import type { Verdict } from '../support/proxy.ts';
import type { Reference } from '../support/reference.ts';

/** Milliseconds within which COMMIT is over on the lab's server, with the delay that the lab gives it. */
const WITHIN_MS = 6;

type Harm = (strike: Strike, admin: pg.Client) => Promise<unknown> | void;

const HARM: Record<string, Harm> = {
  'commit-client-killed': ({ child }) => child.kill(),
  'commit-connection-cut': ({ wire }) => wire.cut(),
  'commit-backend-terminated': ({ statement }, admin) =>
    admin.query('SELECT pg_terminate_backend($1)', [statement.backend]),
  'commit-server-stopped': async ({ lab }) => lab.stopImmediately(),
  'commit-backend-killed': ({ lab, statement }) => lab.killBackend(statement.backend),
};

export const COMMIT_KINDS = Object.keys(HARM);

/** From the answer to the last statement on: the local journal's fsync, COMMIT on its way, COMMIT itself. */
const AROUND_MS = 25;

/**
 * `count` tries at the COMMITs of the steps in turn. Half of them are aimed at COMMIT itself, up to six milliseconds after
 * it was passed on; the others at the time around it, from the answer to the statement before. `random`: from 0 to 1.
 */
export function commitFaults(
  reference: Reference,
  kind: string,
  count: number,
  random: () => number = Math.random,
): Fault[] {
  const harm = HARM[kind];
  const { trace, scenario } = reference;
  const commits = trace.filter((at) => at.commits);
  if (harm === undefined || commits.length === 0) throw new Error(`${kind} is no kind of fault at a COMMIT`);
  return Array.from({ length: count }, (_, n) => {
    const commit = commits[n % commits.length]!;
    const around = Math.floor(n / commits.length) % 2 === 1;
    const at = around ? trace[trace.indexOf(commit) - 1]! : commit;
    const delay = random() * (around ? AROUND_MS : WITHIN_MS);
    let over: Promise<unknown> = Promise.resolve();
    return {
      kind,
      at,
      side: around ? 'after' : 'before',
      name: `${delay.toFixed(2)} ms later`,
      kills: kind === 'commit-client-killed',
      then: n % 15 === 0 ? 'go on, undo' : 'go on',
      // The answer may have come through in time, and the program have gone on.
      allowed: scenario.steps
        .flatMap((_step, more) => [more, more + 1])
        .filter((whole) => whole >= at.before),
      strike: async (strike): Promise<Verdict> => {
        const strikeNow = await readied(strike, harm);
        over = exactly(delay).then(strikeNow);
        // Heard in `settle`: until then nobody listens, and the lane must not die of it.
        over.catch(() => undefined);
        return 'pass';
      },
      settle: async () => void (await over),
    };
  });
}

/** A superuser's connection takes longer to open than COMMIT takes: it is opened before. */
async function readied(strike: Strike, harm: Harm): Promise<() => Promise<unknown> | void> {
  const client = await strike.lab.open('postgres');
  return () => Promise.resolve(harm(strike, client)).finally(() => client.end().catch(() => undefined));
}

/** Timers count whole milliseconds at best; the rest is spun. */
async function exactly(milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
}
