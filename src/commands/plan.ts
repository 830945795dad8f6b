/** `backout plan`: everything that can be known before anything is changed. */
import { EXIT } from '../exit.ts';
import type { Options } from './args.ts';
import { planDocument, toJson } from './document.ts';
import type { Io } from './io.ts';
import { looking } from './looking.ts';
import { planBlocks, textOf } from './text.ts';

export async function planCommand(io: Io, options: Options): Promise<number> {
  return looking(io, options, async ({ runtime, runbook, plan, server }) => {
    const judgement = await runtime.judge();
    const gathered = await runtime.evidence(judgement);
    const { survey, prerequisites } = judgement;
    const position = survey.position;
    const repairs = await runtime.repairs(judgement);
    const planned = { runbook, plan, server, position, survey, prerequisites, ...gathered, repairs };
    await io.out(options.json ? toJson(planDocument(planned)) : textOf(planBlocks(planned)));
    return prerequisites.some(({ status }) => status === 'fail') ? EXIT.prerequisiteFailed : EXIT.ok;
  });
}
