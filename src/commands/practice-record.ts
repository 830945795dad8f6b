/** `backout practice --record [FILE|FOLDER …]`: the table over people and drills. Reads only, and sends nothing anywhere. */
import { EXIT } from '../exit.ts';
import type { BrokenRecord } from '../practice/record/read.ts';
import { readRecords } from '../practice/record/read.ts';
import { recordsDirectory } from '../practice/record/folder.ts';
import { tableOf, type TableRow } from '../practice/record/table.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Block } from '../wizard/types.ts';
import type { Options } from './args.ts';
import { toJson } from './document.ts';
import { moment } from './find-run.ts';
import type { Io } from './io.ts';
import { textOf } from './text.ts';

const text = (words: string): Block => ({ kind: 'text', spans: [{ text: words, tone: 'plain' }] });

const points = (number: number | null): string => (number === null ? '-' : String(number));

/** The table for people. Pure. */
export function recordBlocks(rows: readonly TableRow[], folder: string): Block[] {
  if (rows.length === 0)
    return [text(`No drill was practised to its end yet: there are no records in ${folder}.`)];
  return [
    {
      kind: 'table',
      columns: ['person', 'drill', 'level', 'attempts', 'left early', 'best', 'last', 'hints', 'last time'],
      rows: rows.map((row) => [
        toLine(row.person, 40),
        toLine(row.drill, 40),
        row.level,
        String(row.attempts),
        String(row.left),
        points(row.best),
        points(row.last),
        String(row.hints),
        row.lastAt === null ? '-' : moment(row.lastAt),
      ]),
      align: ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
    },
  ];
}

const passedOver = ({ path, reason }: BrokenRecord): string =>
  `Passed over: ${toLine(path, 300)}: ${toLine(reason, 300)}.\n`;

/**
 * @param handedOver files and folders, beside the records of this machine
 * @returns 65 when something was passed over
 */
export async function practiceRecordCommand(
  io: Io,
  options: Pick<Options, 'json' | 'person'>,
  handedOver: readonly string[],
): Promise<number> {
  const folder = recordsDirectory(io.env, io.home);
  const { records, broken } = await readRecords(folder, handedOver);
  const { person } = options;
  const rows = tableOf(person === undefined ? records : records.filter((record) => record.person === person));
  const document = { schema: 'backout.practice-record/1', folder, rows, broken };
  await io.out(options.json ? toJson(document) : textOf(recordBlocks(rows, toLine(folder, 300))));
  for (const one of broken) await io.err(passedOver(one));
  return broken.length === 0 ? EXIT.ok : EXIT.badRunbook;
}
