/** A database in which random plans are rolled back and undone with the very procedures that would be shown. */
import { readCatalog } from '../../src/postgres/catalog.ts';
import { prepareStore, registerRun, stepRows, type StepRow } from '../../src/postgres/store.ts';
import { parseStatements } from '../../src/sql/parse.ts';
import { settledPlan } from '../../src/sql/settled.ts';
import { offersFor } from '../../src/sql/procedure/index.ts';
import type { Form, Procedure } from '../../src/sql/procedure/types.ts';
import { DatabaseError, type Session } from '../../src/sql/session.ts';
import { applyEffects } from '../../src/sql/symbolic.ts';
import type { Plan, Position } from '../../src/sql/types.ts';
import { undoProcedure } from '../../src/sql/undo/index.ts';
import { requestFor } from '../sql-forms/support.ts';
import { carryOut, entryOf, factsOf, stateOf, type State } from '../sql-undo/support.ts';
import { seedStatements, type Seed } from './undo-seed.ts';
import { statementsFor, type AnyMove } from './undo-plans.ts';

/** Everything but tables that the state of a schema consists of. */
const VIEWS = `
  SELECT c.relname AS name, pg_catalog.pg_get_viewdef(c.oid) AS text FROM pg_catalog.pg_class c
   WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relkind = 'v' ORDER BY 1`;

export interface Whole extends State {
  views: string[];
}

const CLEAN = ['DROP SCHEMA public CASCADE', 'CREATE SCHEMA public', 'TRUNCATE backout.run CASCADE'];

const ARCHIVED = `
  SELECT pg_catalog.format('DROP TABLE backout_archive.%I CASCADE', c.relname) AS sql FROM pg_catalog.pg_class c
   WHERE c.relnamespace = 'backout_archive'::pg_catalog.regnamespace AND c.relkind = 'r'`;

export class World {
  constructor(readonly session: Session) {}

  /** What is sent succeeds or leaves nothing; whether it did. */
  async attempt(sql: string): Promise<boolean> {
    try {
      await this.session.query(sql);
      return true;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      return false;
    }
  }

  async begin(seed: Seed): Promise<string[]> {
    await prepareStore(this.session);
    const left = (await this.session.query(ARCHIVED)).rows.map(({ sql }) => String(sql));
    for (const sql of [...CLEAN, ...left]) await this.session.query(sql);
    await this.session.query('SET search_path = public, pg_temp');
    const taken: string[] = [];
    for (const sql of seedStatements(seed)) if (await this.attempt(sql)) taken.push(sql);
    return taken;
  }

  async state(): Promise<Whole> {
    const state = await stateOf(this.session);
    const { rows } = await this.session.query(VIEWS);
    return { ...state, views: rows.map(({ name, text }) => `${String(name)}: ${String(text)}`) };
  }

  /** The statements of the moves that the server takes, and what they end in; nothing of it stays. */
  async accepted(moves: readonly AnyMove[], longest: number): Promise<{ ran: string[]; end: Whole }> {
    const { session } = this;
    const ran: string[] = [];
    let catalog = await readCatalog(session, 'public');
    const sequences = await this.sequences();
    await session.query('SET search_path = public, pg_temp');
    await session.query('BEGIN');
    const taken = async (sql: string): Promise<boolean> => {
      await session.query('SAVEPOINT one');
      const done = await this.attempt(sql);
      await session.query(done ? 'RELEASE one' : 'ROLLBACK TO one');
      return done;
    };
    try {
      for (const move of moves) {
        for (const sql of statementsFor(move, catalog)) {
          if (ran.length === longest || !(await taken(sql))) break;
          ran.push(sql);
          const effects = parseStatements(sql).flatMap((one) => one.effects);
          catalog = applyEffects(catalog, effects);
        }
      }
      await session.query('SET CONSTRAINTS ALL IMMEDIATE').catch(() => (ran.length = 0));
      return { ran, end: ran.length === 0 ? { definitions: [], rows: {}, views: [] } : await this.state() };
    } finally {
      await session.query('ROLLBACK');
      await this.setSequences(sequences);
    }
  }

  /** The forms that are offered for each step from here on, by what was done before. */
  async offers(run: string, plan: Plan, done: ReadonlySet<string>): Promise<ReturnType<typeof offersFor>> {
    await this.session.query('SET search_path = public, pg_temp');
    const settled = settledPlan(plan, await readCatalog(this.session, 'public'));
    return offersFor(await requestFor(this.session, settled, positionAfter(settled, done), { run }));
  }

  /** One step in the form picked among those offered; why it has none, when it has none. */
  async rollBack(
    run: string,
    plan: Plan,
    done: Set<string>,
    { step, pick, whole }: { step: string; pick: number; whole: boolean },
  ): Promise<{ forms: Form[]; refused: string[] }> {
    const offers = await this.offers(run, plan, done);
    const steps = whole ? plan.steps.map(({ id }) => id) : [step];
    const chosen: Procedure[] = [];
    for (const id of steps) {
      const all = offers.find((one) => one.step === id)?.offers ?? [];
      if (all.length === 0) continue;
      const made = all.flatMap(({ procedure }) => (procedure ? [procedure] : []));
      // As written is always there: the other forms are taken more often where they are.
      const others = made.filter(({ form }) => form !== 'as-written');
      const one = pick % 4 > 0 && others.length > 0 ? others[pick % others.length] : made[0];
      if (!one) return { forms: [], refused: all.flatMap(({ refused }) => refused) };
      chosen.push(one);
    }
    try {
      await carryOut(this.session, ...chosen);
    } catch (error) {
      throw new Error(`carrying out ${chosen.map(({ form }) => form).join()}: ${String(error)}`, {
        cause: error,
      });
    }
    plan.steps
      .filter(({ id }) => steps.includes(id))
      .forEach(({ id, statements }) => statements.forEach(({ index }) => done.add(`${id} ${index}`)));
    return { forms: chosen.map(({ form }) => form), refused: [] };
  }

  /** One step is taken back; what the offer said, and what the server did where it failed. */
  async undo(
    run: string,
    id: string,
    step: string,
  ): Promise<{ refused: string[]; failed: DatabaseError | null; sql: string }> {
    const offer = undoProcedure(await factsOf(this.session, run, step, id));
    if (!offer.procedure) return { refused: offer.refused, failed: null, sql: '' };
    const sql = offer.procedure.actions.map((action) => action.sql).join(';\n');
    try {
      await carryOut(this.session, offer.procedure);
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      if (!(cause instanceof DatabaseError)) throw error;
      return { refused: [], failed: cause, sql: String(error) + '\n' + sql };
    }
    return { refused: [], failed: null, sql };
  }

  /** Where sequences stand: a ROLLBACK does not take them back. */
  async sequences(): Promise<string[]> {
    const { rows } = await this.session.query(
      `SELECT pg_catalog.format('SELECT pg_catalog.setval(%L, %s, %L)', '"' || replace(sequencename, '"', '""') || '"', coalesce(last_value, start_value), last_value IS NOT NULL) AS sql
         FROM pg_catalog.pg_sequences WHERE schemaname = 'public'`,
    );
    return rows.map(({ sql }) => String(sql));
  }

  async setSequences(statements: readonly string[]): Promise<void> {
    await this.session.query('SET search_path = public, pg_temp');
    for (const sql of statements) await this.attempt(sql);
  }

  register(run: string, undoes: string | null = null): Promise<void> {
    return registerRun(this.session, entryOf(run, undoes));
  }

  /** What every state must hold to: the archive's tables are those in the journal, with their rows and names of their own. */
  async archiveFaults(names: ReadonlySet<string>): Promise<string[]> {
    const { session } = this;
    const there = (
      await session.query(
        `SELECT c.relname AS name, c.relkind AS kind FROM pg_catalog.pg_class c
          WHERE c.relnamespace = 'backout_archive'::pg_catalog.regnamespace ORDER BY 1`,
      )
    ).rows.map(({ name, kind }) => ({ name: String(name), kind: String(kind) }));
    const listed = (
      await session.query(
        `SELECT a.archived, a."rows", s.undone_by FROM backout.archived a JOIN backout.step s USING (run, step)
          WHERE a.archived IS NOT NULL`,
      )
    ).rows;
    const faults = there
      .filter(({ name }) => names.has(name))
      .map(({ name }) => `${name} is an original's name`);
    for (const { name } of there.filter(({ kind }) => kind === 'r')) {
      const row = listed.find(({ archived }) => archived === name);
      if (!row) {
        faults.push(`${name} is not in the journal`);
        continue;
      }
      const { rows } = await session.query(
        `SELECT count(*) AS n FROM backout_archive."${name.replaceAll('"', '""')}"`,
      );
      if (String(rows[0]?.['n']) !== String(row['rows']))
        faults.push(`${name} holds ${String(rows[0]?.['n'])} rows, ${String(row['rows'])} in the journal`);
    }
    const gone = listed.filter(
      ({ archived, undone_by }) => undone_by === null && !there.some(({ name }) => name === archived),
    );
    return [...faults, ...gone.map(({ archived }) => `${String(archived)} is in the journal only`)];
  }

  /** What the database has of the steps of a run. */
  steps(run: string): Promise<StepRow[]> {
    return stepRows(this.session, run);
  }

  /** Sentences of the steps about what an undo does not bring back. */
  async notUndoable(run: string): Promise<string[]> {
    return (await this.steps(run)).flatMap(({ detail }) => detail.notUndoable);
  }
}

/** Exactly what was done is applied. */
export function positionAfter(plan: Plan, done: ReadonlySet<string>): Position {
  return {
    steps: plan.steps.map(({ id, statements }) => {
      const list = statements.map(({ index }) => ({
        index,
        state: done.has(`${id} ${index}`) ? ('applied' as const) : ('pending' as const),
        reason: '',
      }));
      const all = list.every(({ state }) => state === 'applied');
      const none = list.every(({ state }) => state === 'pending');
      return { id, state: all ? 'applied' : none ? 'pending' : 'partial', statements: list };
    }),
  };
}
