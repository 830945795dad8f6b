/** The process's own PATH, by which a run finds pg_dump. */
import { delimiter } from 'node:path';
import { clients } from './support.ts';

/** Does the work with another PATH: by default with PostgreSQL's client programs first. */
export async function inPath<T>(work: () => Promise<T>, path?: string): Promise<T> {
  const before = process.env['PATH'];
  process.env['PATH'] = path ?? [clients ?? '/nonexistent', before].join(delimiter);
  try {
    return await work();
  } finally {
    process.env['PATH'] = before;
  }
}
