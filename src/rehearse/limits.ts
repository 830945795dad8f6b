/** What a rehearsal may use, what it will need, and what its times say of the real thing. Pure. */
import type { TableDefinition } from '../sql/definition.ts';
import type { Procedure } from '../sql/procedure/types.ts';
import type { CopiedTable, Estimate, Needed, RehearsalOptions } from './types.ts';

/** A table below this is copied whole: a sample of it would tell nothing and spare nothing. */
export const WHOLE_ROWS = 1000;
export const WHOLE_BYTES = 256 * 1024;

const sizeOf = ({ heapBytes, indexBytes }: TableDefinition): number => heapBytes + indexBytes;

/** `estimatedRows` is -1 in a table that was never analysed. */
export function isLarge(table: TableDefinition): boolean {
  return table.estimatedRows < 0 ? sizeOf(table) >= WHOLE_BYTES : table.estimatedRows >= WHOLE_ROWS;
}

export interface NeedFacts {
  definitions: readonly TableDefinition[];
  /** As they would run on the database. */
  procedures: readonly Procedure[];
  free: number | null;
  options: Pick<RehearsalOptions, 'sample' | 'sizeLimit'>;
}

/**
 * Disk and write-ahead log: the tables once, and what the steps write, by their own estimate. Nothing of it is freed
 * before the end. Whatever is written to a table goes to the log as well, and is at most as much there, with full pages
 * (manual, wal-configuration) counted by doubling.
 */
export function neededFor({ definitions, procedures, free, options }: NeedFacts): Needed {
  const steps = procedures.reduce((sum, { cost }) => sum + cost.bytes, 0);
  const whole = definitions.filter((one) => !isLarge(one)).reduce((sum, one) => sum + sizeOf(one), 0);
  const large = definitions.filter(isLarge).reduce((sum, one) => sum + sizeOf(one), 0);
  const all = whole + large + steps;
  const fits = all <= options.sizeLimit ? 1 : Math.max(0, options.sizeLimit - whole) / (large + steps);
  const share = Math.min(1, options.sample === undefined ? fits : options.sample / 100);
  const bytes = Math.ceil(whole + (large + steps) * share);
  return { bytes, wal: 2 * bytes, free, share };
}

/** A share that is no sample any more: fewer rows than anything could be told from. */
export const LEAST_SHARE = 0.001;

/** Why it is not begun; null when it may be. */
export function tooMuch({ bytes, wal, free, share }: Needed, sizeLimit: number): string | null {
  const mb = (size: number): string => `${Math.ceil(size / 1024 ** 2)} MB`;
  if (bytes > sizeLimit)
    return `It would write about ${mb(bytes)}, more than --size-limit allows (${mb(sizeLimit)}).`;
  if (share < LEAST_SHARE)
    return `Not even a sample of a thousandth fits into --size-limit (${mb(sizeLimit)}).`;
  if (free !== null && free < 2 * (bytes + wal))
    return `The server's disk has ${mb(free)} free. It would write about ${mb(bytes + wal)}, and at least as much has to stay free.`;
  return null;
}

const round = (seconds: number, up: boolean): number => {
  const unit = seconds < 10 ? 0.1 : seconds < 120 ? 1 : 60;
  const count = seconds / unit;
  return Number(((up ? Math.ceil(count) : Math.floor(count)) * unit).toFixed(1));
};

/**
 * What a time measured on a copy says. All rows: that time. A sample: from growing with the rows, to growing with rows
 * times their logarithm, as sorting for an index does.
 * @param tables those that the step works on
 */
export function estimateFrom(seconds: number, tables: readonly CopiedTable[]): Estimate {
  const sampled = tables.filter(({ share }) => share < 1);
  const quiet = 'nobody else at work, freshly written tables, in memory as far as they fit';
  if (sampled.length === 0) {
    return { low: seconds, high: seconds, basis: `measured on a copy of all rows; ${quiet}` };
  }
  const share = Math.min(...sampled.map((table) => table.share));
  const rows = Math.max(
    2,
    sampled.reduce((sum, table) => sum + table.rows, 0),
  );
  const linear = seconds / share;
  const sorting = linear * (Math.log(rows / share) / Math.log(rows));
  const percent = Number((share * 100).toPrecision(2));
  return {
    low: round(linear, false),
    high: round(sorting, true),
    basis: `from a sample of ${percent} % of the rows (${rows} rows); low: time grows with the rows, high: with the rows and their logarithm, as sorting does; ${quiet}`,
  };
}
