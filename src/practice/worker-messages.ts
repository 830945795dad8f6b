/** What the main thread and the practice worker say to each other. */

export interface WorkerOrder {
  /** Path of the gzipped tar of the prepared data directory. */
  dump: string;
  /** How long ago the migration shall have run. */
  hoursAgo: number;
  listen: { path: string } | { host: string; port: number };
}

export type FromWorker =
  /** `connection` is `host:port`, or the path of the Unix socket. */
  { type: 'ready'; connection: string } | { type: 'failed'; reason: string };
