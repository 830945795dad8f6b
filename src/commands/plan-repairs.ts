/** What `backout plan` tells of repairs: the ids that `--repair` takes, and with which decision. Pure. */
import type { ExplainedError } from '../postgres/types.ts';
import type { Repair } from '../repair/types.ts';
import type { Mendable } from '../runtime/types.ts';
import { heading, item, text } from '../steps/blocks.ts';
import type { Block } from '../wizard/types.ts';

type Choice = 'rollback' | 'fix-forward';

const parts = ({ rollback, forward }: Mendable): [Choice, Mendable['forward']][] => [
  ['rollback', rollback],
  ['fix-forward', forward],
];

function told(choice: Choice, { id, title, found, careful, recommended, input, sql }: Repair) {
  const value = input ? { asks: input.prompt, accepts: input.accepts, longest: input.longest } : null;
  return { id, choice, title, found, careful, recommended, value, sql: sql.trim() };
}

const unread = ({ message, sqlstate }: ExplainedError): string =>
  `${message}${sqlstate === undefined ? '' : ` (${sqlstate})`}`;

/** In the document of `plan --json`; `unread`: what could not be looked for, and why. */
export const repairsDocument = (mendable: Mendable) => ({
  found: parts(mendable).flatMap(([choice, { found }]) => found.map((repair) => told(choice, repair))),
  unread: parts(mendable).flatMap(([choice, { error }]) => (error ? [{ choice, why: unread(error) }] : [])),
});

const HEADINGS: Record<Choice, string> = {
  rollback: 'What stands in the way of a rollback and could be mended (--choose rollback --repair ID)',
  'fix-forward': 'What fixing forward would mend (--choose fix-forward --repair ID)',
};

function blocksOf(choice: Choice, { found, error }: Mendable['forward']): Block[] {
  if (error) return [heading(HEADINGS[choice]), text(`It could not be looked for: ${unread(error)}`, 'warn')];
  if (found.length === 0) return [];
  return [
    heading(HEADINGS[choice]),
    ...found.map((repair) =>
      item('none', repair.title, {
        detail: repair.found,
        lines: [`--repair ${repair.id}${repair.input ? '=VALUE' : ''}`, ...repair.careful],
      }),
    ),
  ];
}

export const repairBlocks = (mendable: Mendable): Block[] =>
  parts(mendable).flatMap(([choice, one]) => blocksOf(choice, one));
