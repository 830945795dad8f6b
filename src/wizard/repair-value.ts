/** Whether what was typed can stand where a repair asks for a value. Pure. */
import type { RepairInput } from '../repair/types.ts';

/** A number as JSON writes one (RFC 8259, section 6): PostgreSQL reads it in every type of number. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const INTEGER = /^-?(0|[1-9]\d*)$/;

/** One sentence, or null where it fits. */
export function whyNotValue({ accepts, longest }: RepairInput, value: string): string | null {
  if (value === '') return 'Nothing was given.';
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(value)) return 'Line breaks and control characters are not taken.';
  if (accepts === 'number' && !NUMBER.test(value)) return 'That is no number, as in 0.5 or 1e3.';
  if (accepts === 'integer' && !INTEGER.test(value)) return 'That is no whole number.';
  const length = [...value].length;
  if (longest !== null && length > longest)
    return `That has ${length} characters, and at most ${longest} fit.`;
  return null;
}
