/**
 * What a team writes down once, in `backout.toml`: whom to call, which commands, where things are.
 *
 * Read by `loadConfig` (load.ts) when a run begins; paths in it are absolute from then on. The runtime has all of it
 * (`RuntimeOptions.config`), the wizard what screens show (`State.config`: everything but the webhooks, whose
 * addresses may be secrets, and `State.config.path`, the file, null without one). Practice reads a file only where
 * `--config` names it: nothing of the operator's may be stopped, started or told by a drill.
 */
import { z } from 'zod';

const line = z.string().trim().min(1).max(500);

/** How an environment variable may be called (POSIX.1-2017, 8.1). */
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/, 'must be the name of a variable');

const contact = z.strictObject({
  name: line,
  /** "database on call", "product owner". */
  role: line.optional(),
  /** A number, an address, a channel: shown, never dialled. */
  how: line,
});

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** https, or http on loopback: what is told must not be read on the way. Neither user nor password in it. */
export function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}

export const WEBHOOK_URL = 'must be an https:// address (http:// only to this machine), without a password';

export const WEBHOOK_EVENTS = ['start', 'failure', 'finish', 'escalate'] as const;

const webhook = z
  .strictObject({
    url: z.string().refine(isWebhookUrl, WEBHOOK_URL).optional(),
    /** Name of the environment variable that holds the address, where that is a secret by itself (Slack's are). */
    url_env: variable.optional(),
    /** json: backout's own event. slack: an incoming webhook of Slack, or what takes its form. */
    format: z.enum(['json', 'slack']).default('json'),
    on: z.array(z.enum(WEBHOOK_EVENTS)).default([...WEBHOOK_EVENTS]),
    /** Name of the environment variable that holds the key with which each message is signed. */
    secret_env: variable.optional(),
  })
  .refine(
    ({ url, url_env }) => (url === undefined) !== (url_env === undefined),
    'needs url or url_env, one of them',
  );

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
      /** How long the started application is watched. */
      start_seconds: z.number().int().min(1).max(3600).default(60),
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
  migrations: z
    .strictObject({
      /** Where the migration tool keeps its records, as `--record-table` says it. */
      record_table: line.optional(),
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

export type WebhookConfig = Config['webhooks'][number];

/** What screens know of it. */
export type ShownConfig = Omit<Config, 'webhooks'> & { path: string | null };

/** Without a file. */
export const NO_CONFIG: Config = configSchema.parse({});

/** The part that may stand in the wizard's state. `path`: of the file; null without one. */
export function shownConfig({ webhooks: _addresses, ...config }: Config, path: string | null): ShownConfig {
  return { ...config, path };
}
