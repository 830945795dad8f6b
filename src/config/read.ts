/** From the text of a configuration file to a Config, or to an error that says where and what is expected. */
import { isAbsolute, join, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { nearest } from '../commands/args.ts';
import { EXIT, UserError } from '../exit.ts';
import { toLine } from '../terminal/sanitize.ts';
import { lineOfKey } from './place.ts';
import { configSchema, type Config } from './types.ts';

const NOTHING_RUN = 'Nothing was run. docs/configuration.md describes the file.';

export const refusedConfig = (message: string, advice = NOTHING_RUN, cause?: unknown): UserError =>
  new UserError(message, advice, EXIT.usage, cause === undefined ? undefined : { cause });

/** The keys that may stand at a place. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configSchema;
  for (const part of path) {
    const inner = unwrapped(schema);
    schema = typeof part === 'number' ? inner.element : inner.shape?.[String(part)];
  }
  return Object.keys(unwrapped(schema).shape ?? {});
}

interface Unwrapped {
  shape?: Record<string, unknown>;
  element?: unknown;
}

/** A schema without its defaults around it. */
function unwrapped(schema: unknown): Unwrapped {
  let inner = schema as { def?: { innerType?: unknown } } & Unwrapped;
  while (inner?.def?.innerType !== undefined) inner = inner.def.innerType as typeof inner;
  return inner ?? {};
}

const named = (path: readonly PropertyKey[]): string =>
  path
    .map((part, at) => (typeof part === 'number' ? `[${part + 1}]` : `${at === 0 ? '' : '.'}${String(part)}`))
    .join('');

function unknownKey(key: string, path: readonly PropertyKey[]): string {
  const keys = keysAt(path);
  const near = nearest(key, keys);
  const meant = near.length > 0 ? `Is ${near.join(' or ')} meant?` : `There is: ${keys.join(', ')}.`;
  const where = path.length === 0 ? '' : ` in ${named(path)}`;
  return `there is no "${toLine(key, 60)}"${where}. ${meant}`;
}

/** The first thing that is wrong, with its line. Values are not repeated: an address may be a secret. */
function wrongValue(file: string, text: string, issue: z.core.$ZodIssue): UserError {
  const [key] = issue.code === 'unrecognized_keys' ? issue.keys : [];
  const path = key === undefined ? issue.path : [...issue.path, key];
  const line = lineOfKey(text, path);
  const what =
    key === undefined ? `${named(issue.path)}: ${toLine(issue.message, 200)}.` : unknownKey(key, issue.path);
  return refusedConfig(`${file}${line === null ? '' : `, line ${line}`}: ${what.replace(/\.\.$/, '.')}`);
}

/** Paths in it are from the file's own folder, or from home where they begin with `~/`. */
function withAbsolutePaths(config: Config, folder: string, home: string): Config {
  const whole = (path: string): string => {
    if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
    return isAbsolute(path) ? path : resolve(folder, path);
  };
  const folderOf = (of: { folder?: string }) => (of.folder === undefined ? of : { folder: whole(of.folder) });
  return {
    ...config,
    project: folderOf(config.project),
    backup: folderOf(config.backup),
    logs: { files: config.logs.files.map(whole) },
  };
}

/**
 * Reads the text of a configuration file. Pure.
 * @throws {UserError} 64, with the file's line and what is expected there
 */
export function parseConfig(text: string, at: { file: string; folder: string; home: string }): Config {
  const result = configSchema.safeParse(parsed(text, at.file));
  const [issue] = result.error?.issues ?? [];
  if (issue) throw wrongValue(at.file, text, issue);
  return withAbsolutePaths(result.data!, at.folder, at.home);
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text, { maxDepth: 20, unsafeKeyBehaviour: 'throw' });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [words = ''] = error.message.replace('Invalid TOML document: ', '').split('\n');
    throw refusedConfig(`${file}, line ${error.line}: this is not TOML: ${toLine(words, 200)}.`);
  }
}
