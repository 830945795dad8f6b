/** What a plan changes in the names that an application uses: tables and columns, as they are called before and after it. */
import type { Plan } from '../sql/types.ts';

export interface TableChange {
  /** The name that the application's code has now. */
  from: string;
  /** The name that it has to have. */
  to: string;
  /** Types as `format_type` writes them. */
  added: { name: string; type: string }[];
  dropped: string[];
  renamed: { from: string; to: string }[];
}

export interface PlanChanges {
  tables: TableChange[];
  /** Tables that the plan drops without another taking their name over: code that names them has to be looked at. */
  gone: string[];
  /** Tables that it makes. */
  made: string[];
}

/** Of the whole plan, whatever of it had been run before. Pure. */
export function changesOf(plan: Plan): PlanChanges {
  const tables: TableChange[] = [];
  const gone: string[] = [];
  const made: string[] = [];
  const of = (name: string): TableChange | undefined => tables.find(({ to }) => to === name);
  for (const effect of plan.steps.flatMap((step) => step.statements.flatMap(({ effects }) => effects))) {
    if (effect.schema !== undefined) continue;
    switch (effect.kind) {
      case 'rename-table': {
        const known = of(effect.from);
        if (known) known.to = effect.to;
        else tables.push({ from: effect.from, to: effect.to, added: [], dropped: [], renamed: [] });
        break;
      }
      case 'create-table':
        made.push(effect.table);
        break;
      case 'drop-table':
        gone.push(effect.table);
        break;
      case 'add-column': {
        const { name, type } = effect.column;
        of(effect.table)?.added.push({ name, type });
        break;
      }
      case 'drop-column': {
        const change = of(effect.table);
        if (!change) break;
        const added = change.added.findIndex(({ name }) => name === effect.column);
        if (added >= 0) change.added.splice(added, 1);
        else change.dropped.push(effect.column);
        break;
      }
      case 'rename-column':
        of(effect.table)?.renamed.push({ from: effect.from, to: effect.to });
        break;
    }
  }
  return { tables: tables.filter(({ from, to }) => from !== to), gone, made };
}
