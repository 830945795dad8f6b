/** A statement that runs by itself, with what is written down before it and after it. */
import { JOURNAL_SCHEMA, draft, relation, text, type Draft } from '../archive/draft.ts';
import { asStatement, type AsWritten } from '../archive/as-written.ts';
import { HASH_PLACE, recordActions } from '../archive/record.ts';
import type { Lone, Proof } from '../procedure/types.ts';
import type { PlanStep, Statement } from '../types.ts';
import type { LeftOver } from './left-over.ts';

export interface LoneRequest {
  step: PlanStep;
  /** What the statement is called. */
  name: string;
  /** The step as written, without the journal's row. */
  whole: AsWritten;
  leftOver: LeftOver | null;
  run: string;
  schema: string;
  keepsJournal: boolean;
}

/** What shows that the statement has come to its end; names without a schema are in the run's. */
export function proofOf({ tree, effects }: Statement, schema: string): Proof {
  const [effect, ...others] = effects;
  if (effect && others.length === 0) {
    const where = effect.schema ?? schema;
    if (effect.kind === 'create-index')
      return { kind: 'index', schema: where, name: effect.name, there: true };
    if (effect.kind === 'drop-index')
      return { kind: 'index', schema: where, name: effect.name, there: false };
  }
  const partition = 'AlterTableStmt' in tree ? detached(tree.AlterTableStmt.cmds) : null;
  if (partition !== null && 'AlterTableStmt' in tree) {
    const { relation: parent } = tree.AlterTableStmt;
    return {
      kind: 'detached',
      schema: parent?.schemaname ?? schema,
      parent: parent?.relname ?? '',
      partition: partition ?? '',
    };
  }
  return { kind: 'none' };
}

function detached(commands: readonly unknown[] | undefined): string | null {
  type Command = { AlterTableCmd?: { def?: { PartitionCmd?: { name?: { relname?: string } } } } };
  const [first] = (commands ?? []) as Command[];
  return first?.AlterTableCmd?.def?.PartitionCmd?.name?.relname ?? null;
}

const OURS =
  '(SELECT a.backend_start FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS a)';

/** Committed before the statement is sent: whoever finds it without its end asks the catalog what came of it. */
function begunAction({ step, run, whole }: LoneRequest, proof: Proof): Draft {
  const values = [text(run), text(step.id), text(step.title), '$1', 'pg_catalog.pg_backend_pid()', OURS];
  return draft(
    'record',
    `INSERT INTO ${JOURNAL_SCHEMA}.begun (run, step, title, procedure, backend_pid, backend_start, detail, proof) ` +
      `VALUES (${values.join(', ')}, CAST($2 AS pg_catalog.jsonb), CAST($3 AS pg_catalog.jsonb)) ` +
      'ON CONFLICT (run, step) DO UPDATE SET title = excluded.title, procedure = excluded.procedure, ' +
      'begun_at = excluded.begun_at, backend_pid = excluded.backend_pid, backend_start = excluded.backend_start, ' +
      'detail = excluded.detail, proof = excluded.proof, ended_at = NULL',
    'Writes down what is about to run, with all that an undo needs; committed before it runs.',
    { params: [HASH_PLACE, JSON.stringify(whole.record), JSON.stringify(proof)] },
  );
}

function endedAction({ step, run }: Pick<LoneRequest, 'step' | 'run'>): Draft {
  return draft(
    'record',
    `UPDATE ${JOURNAL_SCHEMA}.begun SET ended_at = pg_catalog.clock_timestamp() ` +
      `WHERE run OPERATOR(pg_catalog.=) ${text(run)} AND step OPERATOR(pg_catalog.=) ${text(step.id)}`,
    'Writes down that it has come to its end.',
  );
}

/** The same row, which here cannot be written in the transaction of what it is about. */
const afterwards = (one: Draft): Draft => ({
  ...one,
  words: one.words.replace(', in the same transaction', ''),
});

/** Exactly the index that an attempt left, by the statement that keeps nobody out. */
function removal({ leftOver, schema }: LoneRequest): Draft[] {
  if (leftOver?.for !== 'build') return [];
  return [
    {
      ...draft(
        'instead',
        `DROP INDEX CONCURRENTLY ${relation(schema, leftOver.index)}`,
        `Removes index ${leftOver.index}, which is invalid: an attempt at it broke off. It was: ${leftOver.definition}.`,
      ),
      outside: true,
    },
  ];
}

/** There is no transaction that SET LOCAL could last for: it lasts for the session, until the statement has ended. */
function forSession(statement: Statement): Draft {
  const sql = statement.sql.replace(/^SET\s+LOCAL\b/i, 'SET');
  return { ...asStatement(statement), sql, outside: true };
}

/**
 * @returns the actions: what is written down before, committed; what runs outside of transactions; what is written down
 * after. A sentence where there is no such procedure.
 */
export function loneDrafts(request: LoneRequest): { drafts: Draft[]; lone: Lone } | string {
  const { step, run, whole, name, schema, keepsJournal } = request;
  const statement = step.statements.at(-1);
  if (!statement) return 'The step has no statement.';
  if (whole.drafts.some(({ role }) => role !== 'statement'))
    return 'It would destroy rows, and outside of a transaction these cannot be kept in time.';
  const proof = proofOf(statement, schema);
  const settings = step.statements.flatMap(({ effects }) =>
    effects.flatMap((effect) => (effect.kind === 'setting' ? [effect.name] : [])),
  );
  const alone = [
    ...step.statements.slice(0, -1).map(forSession),
    { ...asStatement(statement), outside: true as const },
  ];
  const { record } = whole;
  const rows = recordActions({ run, step: step.id, title: step.title, form: 'as-written', record });
  const [before, after] = keepsJournal
    ? [[begunAction(request, proof)], [endedAction(request), ...rows.map(afterwards)]]
    : [[], []];
  return { drafts: [...before, ...removal(request), ...alone, ...after], lone: { name, proof, settings } };
}
