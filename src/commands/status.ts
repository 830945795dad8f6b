/** `backout status`: where the database stands, for each step and statement. */
import { EXIT } from '../exit.ts';
import type { Options } from './args.ts';
import { statusDocument, toJson } from './document.ts';
import type { Io } from './io.ts';
import { looking } from './looking.ts';
import { statusBlocks, textOf } from './text.ts';

export async function statusCommand(io: Io, options: Options): Promise<number> {
  return looking(io, options, async ({ runtime, runbook, plan, server }) => {
    const { position } = await runtime.position();
    const looked = { runbook, plan, server, position };
    await io.out(options.json ? toJson(statusDocument(looked)) : textOf(statusBlocks(looked)));
    return EXIT.ok;
  });
}
