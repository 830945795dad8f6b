/** Values that a runbook leaves open. */

/** By name, as `--set NAME=VALUE` gives them. */
export type Values = Readonly<Record<string, string>>;

/** Something whose value is asked for. */
export interface OpenValue {
  name: string;
  /** As it first stands in the document, e.g. `:'tenant'`, `<release>`. */
  written: string;
  /** 1-based, each line on which it stands. */
  lines: number[];
  /** The first of these lines. */
  excerpt: string;
  /** By its name it is a password, a token or the like: not shown, not written down. */
  secret: boolean;
}

/** A value with which a runbook was read. `value` null: a secret. */
export interface GivenValue {
  name: string;
  value: string | null;
  line: number;
}
