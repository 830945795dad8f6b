/** Copy-and-swap while others work: readers go on until the exchange, and what was there is in the archive whole. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { offersFor } from '../../src/sql/procedure/index.ts';
import type { Procedure } from '../../src/sql/procedure/types.ts';
import type { Session } from '../../src/sql/session.ts';
import type { Plan } from '../../src/sql/types.ts';
import { allPending, openBench, type Bench } from '../postgres/support.ts';
import { shippedEdition } from '../sql/documents.ts';
import { migrated } from '../support/states.ts';
import { carryOut, offered, requestFor, storeFor } from './support.ts';

let bench: Bench;
let other: Session;
let plan: Plan;
let procedure: Procedure;

beforeAll(loadParser);

beforeEach(async () => {
  bench = await openBench({ state: (db) => migrated(db) });
  other = await bench.open('application');
  await other.query("SET lock_timeout = '200ms'");
  const shipped = shippedEdition();
  plan = { ...shipped, steps: shipped.steps.filter(({ id }) => id === 'step-2') };
  await storeFor(bench.session);
  const offers = offersFor(await requestFor(bench.session, plan, allPending(plan)));
  const found = offered(offers[0]?.offers ?? [], 'copy-and-swap').procedure;
  if (!found) throw new Error('not offered');
  procedure = found;
});

afterEach(() => bench.close());

const TABLES = ['git_agent_sessions', 'git_pending_merges', 'git_merge_history'];

describe('copy and swap', () => {
  it('lets readers go on until the exchange, and writers wait', async () => {
    let asked = 0;
    let exchanging = false;
    await carryOut(bench.session, procedure, async ({ role }) => {
      exchanging ||= role === 'lock';
      if (exchanging) return;
      for (const table of TABLES) {
        await other.query(`SELECT count(*) FROM public.${table}`);
        await expect(other.query(`DELETE FROM public.${table}`)).rejects.toMatchObject({ sqlstate: '55P03' });
        asked += 1;
      }
    });
    expect(asked).toBeGreaterThan(20);
    const { rows } = await other.query('SELECT count(*) > 0 AS some FROM public.git_sessions');
    expect(rows).toEqual([{ some: 't' }]);
  });

  it('writes nothing but the catalog and the journal row once readers wait', () => {
    const from = procedure.actions.findIndex(({ role }) => role === 'lock');
    const after = procedure.actions.slice(from + 1);
    expect(after.length).toBeGreaterThan(10);
    for (const { sql, command } of after.slice(0, -1)) {
      expect(command, sql).toMatch(/^ALTER (TABLE|INDEX|SEQUENCE|STATISTICS)$/);
      expect(sql).toMatch(/(RENAME TO|SET SCHEMA) "[^"]+"$/);
    }
    expect(after.at(-1)?.sql).toMatch(/^INSERT INTO backout\.step /);
  });

  it('keeps the tables themselves, under names that no original has', async () => {
    const { session } = bench;
    const oids = `SELECT oid::bigint::text AS oid, relname AS name FROM pg_class
                   WHERE relkind = 'r' AND relname = ANY ($1) ORDER BY 1`;
    const before = (await session.query(oids, [`{${TABLES.join(',')}}`])).rows;
    const names = (
      await session.query("SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace")
    ).rows;
    const count = (await session.query('SELECT count(*) AS n FROM public.git_agent_sessions')).rows[0]?.['n'];
    await carryOut(session, procedure);
    const kept = (
      await session.query(`SELECT a.object AS name, c.oid::bigint::text AS oid, a."rows" AS n FROM backout.archived a
         JOIN pg_class c ON c.relname = a.archived AND c.relnamespace = 'backout_archive'::regnamespace ORDER BY 2`)
    ).rows;
    expect(kept.map(({ oid, name }) => ({ oid, name }))).toEqual(before);
    expect(kept.find(({ name }) => name === 'git_agent_sessions')?.['n']).toBe(count);
    const archive = await session.query(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'backout_archive'::regnamespace",
    );
    const originals = new Set(names.map(({ name }) => name));
    expect(archive.rows.filter(({ name }) => originals.has(name) || name === 'git_sessions')).toEqual([]);
  });

  it('leaves everything as it was when it breaks off at any action', async () => {
    const { session } = bench;
    const look = async (): Promise<unknown> =>
      (
        await session.query(`SELECT n.nspname, c.relname, c.oid::bigint::text, c.relfilenode::bigint::text
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname IN ('public', 'backout', 'backout_archive') ORDER BY 1, 2`)
      ).rows;
    const before = await look();
    for (const { index } of procedure.actions) {
      const broken = carryOut(session, procedure, (action) => {
        if (action.index === index) throw new Error('broken off');
      });
      await expect(broken).rejects.toThrow('broken off');
    }
    expect(await look()).toEqual(before);
  });
});
