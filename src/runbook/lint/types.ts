/** What lint reports. */

export type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  /** 1-based line in the runbook; 0 when it concerns the whole document. */
  line: number;
  severity: Severity;
  /** Stable name of the rule, for those who filter. */
  rule: string;
  message: string;
}

export interface Recognised {
  part: string;
  count: number;
  /** 1-based line of the first, 0 when there is none. */
  line: number;
}

export interface LintReport {
  schema: 'backout.lint/1';
  runbook: { path: string; title: string; sha256: string; migration: string | null };
  recognised: Recognised[];
  findings: Finding[];
}
