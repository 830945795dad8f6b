import { describe, expect, it } from 'vitest';
import { criterionSide, markOf, partOf, stepHeading, withoutNumber } from '../../src/runbook/headings.ts';

describe('the part that a heading opens', () => {
  it.each([
    ['Step 1: Restore orders', 'step'],
    ['STEP 2 — Restore orders', 'step'],
    ['Step Three', 'step'],
    ['Phase A', 'step'],
    ['Stage 2) Drop it', 'step'],
    ['Step 5: Verification', 'verification'],
    ['Step 5: Validate the constraint', 'step'],
    ['Stepping stones', null],
    ['Phase out the cache', null],
    ['Stage a copy', null],
    ['2. Pre-requisites', 'prerequisites'],
    ['Pre-checks', 'prerequisites'],
    ['Post-checks', 'verification'],
    ['✅ 3) Verification', 'verification'],
    ['Sanity checks', 'verification'],
    ['Backout plan', 'procedure'],
    ['Rollback steps', 'procedure'],
    ['How to roll back', 'procedure'],
    ['Reverting the migration', 'procedure'],
    ['Roll back orders', null],
    ['When to back out', 'criteria'],
    ['Who to call', 'escalation'],
    ['Known errors', 'troubleshooting'],
    ['Weather', null],
  ])('%s: %s', (title, part) => expect(partOf(title)).toBe(part));

  it.each([
    ['Step 2: Restore', 2, 'Restore'],
    ['Phase B — Restore', 2, 'Restore'],
    ['Step Two', 2, 'Step Two'],
    ['3) Restore', 3, 'Restore'],
    ['2.4 Restore', 4, 'Restore'],
    ['C. Restore', 3, 'Restore'],
  ])('%s: step %i, %s', (title, number, rest) => {
    expect(stepHeading(title)).toEqual({ number, title: rest });
  });

  it('a number that counts something is none', () => {
    expect(withoutNumber('2026 in review')).toEqual({ number: null, title: '2026 in review' });
    expect(withoutNumber('7 days')).toEqual({ number: null, title: '7 days' });
    expect(withoutNumber('1.')).toEqual({ number: null, title: '1.' });
  });

  it.each([
    ['Roll back if:', 'rollback'],
    ['Back out if', 'rollback'],
    ['Do not roll back if', 'fix-forward'],
    ['Fix forward when', 'fix-forward'],
    ['If it rains', null],
  ])('%s: %s', (text, side) => expect(criterionSide(text)).toBe(side));

  it('a marker is a comment of its own', () => {
    expect(markOf('<!-- backout: Step -->')).toBe('step');
    expect(markOf('<!-- the backout: step -->')).toBeNull();
  });
});
