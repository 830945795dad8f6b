/** Findings as workflow commands of GitHub Actions, which shows them at their lines of a pull request. */
import type { Finding, LintReport, Severity } from './types.ts';

const LEVEL: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** As `escapeData` and `escapeProperty` of @actions/core do it: a line break would end the command. */
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

function annotation({ line, severity, rule, message }: Finding, file: string): string {
  // What concerns the whole document stands at its first line: without a line it would be shown nowhere in the file.
  const at = `file=${property(file)},line=${Math.max(1, line)},title=${property(`backout: ${rule}`)}`;
  return `::${LEVEL[severity]} ${at}::${data(message)}`;
}

/** @param file from the root of the repository, where the command is run. Notes are left out: a pull request is no place for them. */
export function annotations(report: LintReport, file: string): string {
  const shown = report.findings.filter(({ severity }) => severity !== 'note');
  return shown.map((finding) => `${annotation(finding, file)}\n`).join('');
}
