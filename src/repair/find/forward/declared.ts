/** What the runbook's own section on fixing forward finds: `sql defect` and the `sql repair` that mends it. */
import type { Defect, ForwardFix } from '../../../runbook/types.ts';
import type { QueryResult } from '../../../sql/session.ts';
import { rowsOf } from '../../../sql/risk/text.ts';
import { asText, asTextOrNull } from '../../../sql/values.ts';
import type { Finder, RepairContext } from '../../find.ts';
import type { Repair } from '../../types.ts';
import { asked } from './asking.ts';

/** A count of rows, or only that it is so (null). */
interface Holding {
  rows: number | null;
  detail: string;
}

const NO: readonly (string | null)[] = [null, '', '0', 'f', 'false'];
const YES = ['t', 'true'];

/** Of how many rows the defect holds: by the first column, a number or a boolean, of every row that the query returns. */
export function holding({ rows, fields }: QueryResult): Holding | null {
  const [first = '', second] = fields;
  const found = rows.filter((row) => !NO.includes(asTextOrNull(row[first])));
  if (found.length === 0) return null;
  const numbers = found.map((row) => Number(asText(row[first])));
  const counts = !found.some((row) => YES.includes(asText(row[first]))) && numbers.every(Number.isFinite);
  return {
    rows: counts ? numbers.reduce((sum, number) => sum + number, 0) : null,
    detail: second === undefined ? '' : asText(found[0]?.[second]),
  };
}

/** What the defect's query says once it is mended: of no row that it holds. */
function checkOf({ title, sql }: Defect): Repair['checks'][number] {
  const values = "'0', 'f', 'false'";
  return {
    title: `No more: ${title}`,
    sql: `SELECT count(*) FROM (\n${sql}\n) AS defect (found) WHERE defect.found::text NOT IN (${values})`,
    expect: '0',
  };
}

function repairOf(defect: Defect, fix: ForwardFix, { rows, detail }: Holding): Repair {
  const found = [`${defect.title}${rows === null ? '' : `: ${rowsOf(rows)}`}.`, detail, defect.words];
  return {
    id: fix.id,
    title: fix.title,
    found: found.filter((part) => part !== '').join(' '),
    careful: fix.words === '' ? [] : [fix.words],
    sql: fix.sql,
    checks: [checkOf(defect)],
    recommended: !fix.optional,
  };
}

function note(context: RepairContext, defect: Defect, words: string): void {
  context.note?.({ title: defect.title, lines: [words, defect.words].filter((line) => line !== '') });
}

async function look(context: RepairContext, defect: Defect): Promise<Repair[]> {
  const answer = await asked(context, defect.sql);
  if (answer.kind === 'not-there') return [];
  if (answer.kind === 'refused') {
    note(context, defect, `It could not be looked for: ${answer.why}.`);
    return [];
  }
  const holds = holding(answer.result);
  if (holds === null) return [];
  if (defect.repairs.length > 0) return defect.repairs.map((fix) => repairOf(defect, fix, holds));
  const rows = holds.rows === null ? 'It is so.' : `${rowsOf(holds.rows)}.`;
  note(context, defect, [rows, holds.detail, 'No SQL mends it.'].filter((part) => part !== '').join(' '));
  return [];
}

export const declared: Finder = async (context) => {
  const found: Repair[] = [];
  for (const defect of context.runbook.fixes.defects) found.push(...(await look(context, defect)));
  return found;
};
