/** Five ways to die at a time that nobody chose while COMMIT is under way. */
import type { Fault, Strike } from '../support/point.ts';
import type { Verdict } from '../support/proxy.ts';
import type { Reference } from '../support/reference.ts';

/** Milliseconds within which COMMIT is over on the lab's server, with the delay that the lab gives it. */
const WITHIN_MS = 6;

const HARM: Record<string, (strike: Strike) => Promise<unknown> | void> = {
  'commit-client-killed': ({ child }) => child.kill(),
  'commit-connection-cut': ({ wire }) => wire.cut(),
  'commit-backend-terminated': ({ lab, statement }) =>
    lab.use('postgres', (client) => client.query('SELECT pg_terminate_backend($1)', [statement.backend])),
  'commit-server-stopped': async ({ lab }) => lab.stopImmediately(),
  'commit-backend-killed': ({ lab, statement }) => lab.killBackend(statement.backend),
};

export const COMMIT_KINDS = Object.keys(HARM);

/**
 * `count` tries at the COMMITs of the steps in turn. COMMIT is passed on and the harm comes up to six milliseconds
 * later, or just before; `random` gives numbers from 0 to 1.
 */
export function commitFaults(
  reference: Reference,
  kind: string,
  count: number,
  random: () => number = Math.random,
): Fault[] {
  const harm = HARM[kind];
  const commits = reference.trace.filter((at) => at.commits);
  if (harm === undefined || commits.length === 0) throw new Error(`${kind} is no kind of fault at a COMMIT`);
  return Array.from({ length: count }, (_, n) => {
    const at = commits[n % commits.length]!;
    const delay = random() * WITHIN_MS;
    const steps = reference.scenario.steps.length;
    let over: Promise<unknown> = Promise.resolve();
    return {
      kind,
      at,
      side: 'before',
      name: `after ${delay.toFixed(2)} ms`,
      brief: n % 10 !== 0,
      // The answer may have come through in time, and the program have gone on.
      allowed: Array.from({ length: steps + 1 - at.before }, (_unused, more) => at.before + more),
      strike: async (strike): Promise<Verdict> => {
        const prepared = await ready(strike, kind);
        over = exactly(delay).then(() => prepared());
        return 'pass';
      },
      settle: async () => void (await over),
    };
  });

  /** A superuser's connection takes longer to open than COMMIT takes: it is opened before. */
  async function ready(strike: Strike, name: string): Promise<() => Promise<unknown> | void> {
    if (name !== 'commit-backend-terminated') return () => harm!(strike);
    const client = await strike.lab.open('postgres');
    return () =>
      client.query('SELECT pg_terminate_backend($1)', [strike.statement.backend]).finally(() => client.end());
  }
}

/** Timers count whole milliseconds at best; the rest is spun. */
async function exactly(milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
}
