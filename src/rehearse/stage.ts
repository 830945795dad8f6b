/** Where a rehearsal happens: a copy, and what of the plan is run on it. */
import type { ServerInfo } from '../postgres/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { TableDefinition } from '../sql/definition.ts';
import type { Form } from '../sql/procedure/types.ts';
import type { Session } from '../sql/session.ts';
import type { Elsewhere, Plan, Position } from '../sql/types.ts';
import type { OwnNames } from './names.ts';
import type { CopiedTable, RehearsalNews } from './types.ts';

/** What a rehearsal begins from: the database as it is, looked at without a lock beyond a SELECT's. */
export interface Subject {
  runbook: Runbook;
  /** As it is written. */
  plan: Plan;
  /** With its names as the catalog has them. */
  known: Plan;
  /** The tables of other schemas that it names. */
  elsewhere: Elsewhere;
  run: string;
  server: ServerInfo;
  /** The schema of the real tables. */
  schema: string;
  /** Where the real database stands. */
  position: Position;
  definitions: readonly TableDefinition[];
  defaultGrantees: readonly string[];
  keepsJournal: boolean;
  withoutArchive: boolean;
  /** By step: those that would be used. */
  forms: Readonly<Record<string, Form>>;
  names: OwnNames;
}

/** The copy, ready. */
export interface Stage {
  /** On which BEGIN, COMMIT and ROLLBACK may be sent as if the copy were a database. */
  session: Session;
  /** Of the same connection, without that. */
  raw: Session;
  /** Likewise: a query that fails there leaves everything as it was. */
  asking: Session;
  /** The schema of the copies. */
  schema: string;
  /** As it is to be run here. */
  plan: Plan;
  tables: readonly CopiedTable[];
  /** Of what it is run on. */
  server: ServerInfo;
  embedded: boolean;
  /** Steps commit there; otherwise all of it is one transaction. */
  commits: boolean;
  /** Whether a query of the runbook may be asked there; absent: by {@link staysWithin}. */
  mayAsk?(sql: string): boolean;
}

/** How the work is watched and stopped. */
export interface Watch {
  hear(news: RehearsalNews): void;
  /** True once it is to stop: by hand, or at a limit. */
  stopped(): boolean;
  /** @throws {Halted} when it is to stop */
  check(): void;
  now(): number;
}

/** It was stopped, by hand or at a limit; nothing is wrong with the plan. */
export class Halted extends Error {
  constructor(
    readonly kind: 'limit' | 'stopped',
    message: string,
  ) {
    super(message);
  }
}
