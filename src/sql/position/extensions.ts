/** Whether an extension is there already: it is in no catalog snapshot of ours. */
import type { Session } from '../session.ts';
import type { Statement, StatementPosition } from '../types.ts';

const THERE =
  'SELECT 1 FROM pg_catalog.pg_extension e WHERE e.extname OPERATOR(pg_catalog.=) $1::pg_catalog.name';

type Verdict = Pick<StatementPosition, 'reason'> & { state: 'applied' | 'pending' };

/** Null for a statement that makes none. @throws {DatabaseError} */
export async function extensionIsThere(
  { effects }: Pick<Statement, 'effects'>,
  session: Pick<Session, 'query'>,
): Promise<Verdict | null> {
  const effect = effects.find(({ kind }) => kind === 'create-extension');
  if (effect?.kind !== 'create-extension') return null;
  const { rows } = await session.query(THERE, [effect.name]);
  return rows.length > 0
    ? { state: 'applied', reason: `The extension ${effect.name} is there.` }
    : { state: 'pending', reason: `The extension ${effect.name} is not there.` };
}
