/** What was found about one statement, added to the whole. */
import type { Failing, Risk, Statement } from '../types.ts';
import { visible } from './text.ts';

export class Findings {
  constructor(
    private readonly risk: Risk,
    private readonly step: string,
    readonly statement: Statement,
    /** The table the statement is about, under the name it has then. */
    private table: string,
    private keyColumns = '',
  ) {}

  /** The same statement, another table. */
  about(table: string, keyColumns = ''): Findings {
    return new Findings(this.risk, this.step, this.statement, table, keyColumns);
  }

  get place(): { step: string; index: number } {
    return { step: this.step, index: this.statement.index };
  }

  atRisk(rows: number, detail: string, column?: string): void {
    const entry = { ...this.place, table: this.table, ...(column !== undefined && { column }), rows, detail };
    this.risk.dataAtRisk.push(entry);
  }

  invented(column: string, value: string, rows: number): void {
    const same = this.risk.invented.find(
      (one) =>
        one.step === this.step &&
        one.index === this.statement.index &&
        one.table === this.table &&
        one.column === column &&
        one.value === value,
    );
    if (same) same.rows += rows;
    else this.risk.invented.push({ ...this.place, table: this.table, column, value, rows });
  }

  failing(kind: Failing['kind'], column: string, rows: number, keys: string[], detail: string): void {
    const { table, keyColumns } = this;
    this.risk.failing.push({ ...this.place, table, column, kind, rows, keys, keyColumns, detail });
  }

  unchecked(what: string, why: string): void {
    this.risk.unchecked.push({ ...this.place, what: visible(what), why: visible(why) });
  }
}
