/** What a rollback would cost, in sentences: what the choice rests on where the runbook has no criteria. Pure. */
import type { Survey } from './types.ts';

/** Named one by one; the plan's screen has them all. */
const SHOWN = 5;

const rows = (n: number): string => `${n} ${n === 1 ? 'row' : 'rows'}`;

function listed(parts: readonly string[]): string {
  const more = parts.length - SHOWN;
  return `${parts.slice(0, SHOWN).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

/** By table and column: of one that several statements touch, the most rows. */
function most(found: readonly { table: string; column?: string; rows: number }[]): string[] {
  const by = new Map<string, number>();
  for (const one of found.filter((each) => each.rows > 0)) {
    const name = one.column === undefined ? one.table : `${one.table}.${one.column}`;
    by.set(name, Math.max(by.get(name) ?? 0, one.rows));
  }
  return [...by].map(([name, n]) => `${name} (${rows(n)})`);
}

/** One sentence each. Texts are as the database has them. */
export function stakes(survey: Survey | null): string[] {
  if (!survey) return [];
  const { dataAtRisk, invented, unchecked } = survey.risk;
  const [lost, made] = [most(dataAtRisk), most(invented)];
  return [
    lost.length === 0
      ? 'Rolling back puts no data at risk that was found.'
      : `Rolling back takes data out of the tables, and the archive keeps it: ${listed(lost)}.`,
    ...(made.length === 0 ? [] : [`It writes values that nobody entered: ${listed(made)}.`]),
    ...(unchecked.length === 0
      ? []
      : [
          `${unchecked.length} ${unchecked.length === 1 ? 'thing was' : 'things were'} not looked at: the plan says which.`,
        ]),
  ];
}
