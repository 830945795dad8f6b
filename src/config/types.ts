/** What a team writes down once, in `backout.toml`: whom to call, which commands, where things are. */
import { z } from 'zod';

const line = z.string().trim().min(1).max(500);

const contact = z.strictObject({
  name: line,
  /** "database on call", "product owner". */
  role: line.optional(),
  /** A number, an address, a channel: shown, never dialled. */
  how: line,
});

const webhook = z.strictObject({
  /** https, or http on loopback. */
  url: z.url(),
  /** json: backout's own event. slack: an incoming webhook of Slack, or what takes its form. */
  format: z.enum(['json', 'slack']).default('json'),
  on: z
    .array(z.enum(['start', 'failure', 'finish', 'escalate']))
    .default(['start', 'failure', 'finish', 'escalate']),
  /** Name of the environment variable that holds the key with which each message is signed. */
  secret_env: line.optional(),
});

export const configSchema = z.strictObject({
  contacts: z.array(contact).default([]),
  webhooks: z.array(webhook).default([]),
  commands: z
    .strictObject({
      /** Stops all writes; starts the application again. Shown whole, and run only on a typed confirmation. */
      stop: line.optional(),
      start: line.optional(),
      /** Runs the project's tests, e.g. `mix test`. */
      test: line.optional(),
    })
    .prefault({}),
  project: z
    .strictObject({
      /** Of the application's source, where `mix` runs. */
      folder: line.optional(),
    })
    .prefault({}),
  backup: z
    .strictObject({
      /** Where backups are looked for and put. */
      folder: line.optional(),
    })
    .prefault({}),
  logs: z
    .strictObject({
      /** The application's log files. */
      files: z.array(line).default([]),
    })
    .prefault({}),
});

export type Config = z.infer<typeof configSchema>;

/** Without a file. */
export const NO_CONFIG: Config = configSchema.parse({});
