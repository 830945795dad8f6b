/** What strikes at every statement: before it, in the middle of it where it can be held there, and after it. */
import type { Fault, Side, Strike } from '../support/point.ts';
import type { Verdict } from '../support/proxy.ts';
import type { Reference, Traced } from '../support/reference.ts';

type Harm = (strike: Strike) => Promise<Verdict> | Verdict;

const backendOf = async ({ lab, statement }: Strike, call: string): Promise<void> => {
  await lab.use('postgres', (client) => client.query(`SELECT ${call}($1)`, [statement.backend]));
};

const HARM: Record<string, { sides: Side[]; harm: Harm; kills?: boolean }> = {
  'client-killed': {
    sides: ['before', 'during', 'after'],
    kills: true,
    harm: async ({ child }): Promise<Verdict> => {
      child.kill();
      await child.ended;
      return 'drop';
    },
  },
  'connection-cut': {
    sides: ['before', 'during', 'after'],
    harm: ({ wire }) => {
      wire.cut();
      return 'drop';
    },
  },
  'backend-terminated': {
    sides: ['before', 'during', 'after'],
    harm: async (strike): Promise<Verdict> => {
      await backendOf(strike, 'pg_terminate_backend');
      return 'pass';
    },
  },
  'statement-cancelled': {
    sides: ['during'],
    harm: async (strike): Promise<Verdict> => {
      await backendOf(strike, 'pg_cancel_backend');
      return 'pass';
    },
  },
  'backend-killed': {
    sides: ['before', 'during', 'after'],
    harm: async ({ lab, statement }): Promise<Verdict> => {
      await lab.killBackend(statement.backend);
      return 'pass';
    },
  },
  'server-stopped': {
    sides: ['before', 'after'],
    harm: ({ lab }) => {
      lab.stopImmediately();
      return 'pass';
    },
  },
  'server-killed': {
    sides: ['before', 'after'],
    harm: ({ lab }) => {
      lab.killServer();
      return 'pass';
    },
  },
};

export const BOUNDARY_KINDS = Object.keys(HARM);

/** Those that end the server for everybody: nothing else may run on the lab meanwhile. */
export const NEEDS_THE_SERVER = new Set(['backend-killed', 'server-stopped', 'server-killed']);

/** Every statement of every transaction that writes, on every side that this kind of fault has. */
export function boundaryFaults(reference: Reference, kind: string): Fault[] {
  const found = HARM[kind];
  if (found === undefined) throw new Error(`${kind} is no kind of fault at a statement`);
  const reachable = (at: Traced, side: Side): boolean => {
    // What is so after a statement is so before the next: only after the last one is it a place of its own.
    if (side === 'after') return /^\s*COMMIT\b/i.test(at.sql) || at.index === 0;
    // COMMIT waits for no lock: the middle of it is aimed at by time, see commit-race.ts.
    return side === 'before' || !/^\s*(COMMIT|BEGIN|SET|SAVEPOINT|RELEASE)\b/i.test(at.sql);
  };
  return reference.trace.flatMap((at) =>
    found.sides
      .filter((side) => reachable(at, side))
      .map((side) => ({ kind, at, side, kills: found.kills === true, strike: found.harm })),
  );
}
