/** `backout init`: a runbook to fill in. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import type { Options } from './args.ts';
import type { Io } from './io.ts';
import { readDocument } from './load.ts';

const DEFAULT_NAME = 'rollback.md';

/** Writes the template, never over a file. @throws {UserError} 64 where it cannot be written */
export async function initCommand(io: Io, options: Options, positional: string | null): Promise<number> {
  const { templateOf } = await import('../runbook/template.ts');
  const path = positional ?? DEFAULT_NAME;
  const from = options.from === undefined ? null : await readDocument(resolve(options.from), options.format);
  await writeFile(resolve(path), templateOf(from), { flag: 'wx' }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const why = code === 'EEXIST' ? `${path} is there already.` : `${path} cannot be written (${code}).`;
    throw new UserError(why, 'Nothing was written. Name another file: backout init FILE.', EXIT.usage, {
      cause: error,
    });
  });
  await io.out(`${path} is written. Fill it in, and look at it with: backout lint ${path}\n`);
  return EXIT.ok;
}
