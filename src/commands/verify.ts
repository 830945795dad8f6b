/** `backout verify`: the verification alone. */
import { EXIT } from '../exit.ts';
import type { Options } from './args.ts';
import { toJson, verifyDocument } from './document.ts';
import type { Io } from './io.ts';
import { looking } from './looking.ts';
import { textOf, verifyBlocks } from './text.ts';

export async function verifyCommand(io: Io, options: Options): Promise<number> {
  return looking(io, options, async ({ runtime, runbook, server }) => {
    const verification = await runtime.verify();
    await io.out(
      options.json
        ? toJson(verifyDocument(verification, runbook, server))
        : textOf(verifyBlocks(verification, server)),
    );
    return verification.ok ? EXIT.ok : EXIT.verificationFailed;
  });
}
