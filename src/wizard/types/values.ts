/** Values that the runbook leaves open, asked for before there is a plan. */
import type { OpenValue } from '../../runbook/values/types.ts';

export interface ValuesAsked {
  /** Asked in this order. */
  open: OpenValue[];
  /** Given so far, by name. */
  given: Record<string, string>;
}
