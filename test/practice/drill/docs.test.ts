import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MOMENT_KINDS, parseMoment } from '../../../src/practice/drill/moment.ts';
import { readDrill } from '../../../src/practice/drill/read.ts';
import { drillSchema } from '../../../src/practice/drill/schema.ts';

const DOCS = readFileSync(new URL('../../../docs/drills.md', import.meta.url), 'utf8');

describe('docs/drills.md', () => {
  const [, example = ''] = /```markdown\n([\s\S]*?)\n```\n/.exec(DOCS) ?? [];

  it('shows a drill that can be read', () => {
    expect(readDrill('drills/09-two-operators.md', example)).toMatchObject({
      id: 'two-operators',
      number: '09',
    });
  });

  it('shows every key', () => {
    const keys = Object.keys(drillSchema.shape);
    expect(keys.filter((key) => !new RegExp(`^${key}:`, 'm').test(example))).toEqual([]);
  });

  it('lists every kind of moment, each as it can be read', () => {
    const section = DOCS.slice(DOCS.indexOf('## Moments'), DOCS.indexOf('## Events'));
    const shown = [...section.matchAll(/^\| (`.+?) \|/gm)]
      .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)])
      .map(([, text = '']) => parseMoment(text));
    expect(new Set(shown.map(({ kind }) => kind))).toEqual(new Set(MOMENT_KINDS));
  });
});
