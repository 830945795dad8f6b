/** What is wrong with a drill, so that whoever writes it can put it right. */
import { EXIT, UserError } from '../../exit.ts';
import { toLine } from '../../terminal/sanitize.ts';

export interface DrillProblem {
  /** 1-based; null where it cannot be told. */
  line: number | null;
  /** What is wrong, a sentence without a full stop. */
  message: string;
  /** What to write instead. */
  advice: string;
}

export const problemLine = (path: string, { line, message, advice }: DrillProblem): string =>
  `${path}${line === null ? '' : `, line ${line}`}: ${toLine(message, 400)}. ${toLine(advice, 400)}`.trim();

/** Every problem on a line of its own; exit 65. */
export function refusedDrill(path: string, problems: readonly DrillProblem[]): UserError {
  const lines = problems.map((problem) => problemLine(path, problem));
  return new UserError(
    lines.join('\n'),
    'Nothing was run. docs/drills.md describes the file; "backout practice --check FILE" looks at all of it.',
    EXIT.badRunbook,
  );
}

/** Problems that are found while something is built out of the file. */
export class Problems extends Array<DrillProblem> {
  add(line: number | null, message: string, advice: string): void {
    this.push({ line, message, advice });
  }
}
