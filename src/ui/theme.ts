/**
 * Colours and signs, as tables. Colour never carries a meaning alone: every mark has a sign and a word, and the
 * environment is always spelled out. Only the sixteen colours of the operator's own theme, and of those none that
 * vanishes on a common background (no dark blue, no yellow, no grey).
 */
import type { TextProps } from 'ink';
import type { Mark } from '../wizard/types.ts';
import type { UiTone } from './spans.ts';

export type Style = Pick<TextProps, 'color' | 'bold' | 'dimColor' | 'inverse' | 'underline'>;

export const STYLES: Record<UiTone, Style> = {
  plain: {},
  strong: { bold: true },
  quiet: { dimColor: true },
  good: { color: 'green' },
  warn: { color: 'magenta', bold: true },
  bad: { color: 'red', bold: true },
  code: { color: 'cyan' },
  keyword: { bold: true },
  string: { color: 'green' },
  number: { color: 'magenta' },
  comment: { color: 'cyan' },
  key: { bold: true },
  title: { bold: true, underline: true },
  practice: { color: 'green', bold: true, inverse: true },
  production: { color: 'red', bold: true, inverse: true },
  caret: { inverse: true },
};

export interface MarkStyle {
  sign: string;
  word: string;
  tone: UiTone;
}

export const MARKS: Record<Mark, MarkStyle> = {
  pass: { sign: '✓', word: 'ok', tone: 'good' },
  warn: { sign: '!', word: 'WARN', tone: 'warn' },
  fail: { sign: '✗', word: 'FAIL', tone: 'bad' },
  done: { sign: '✓', word: 'done', tone: 'good' },
  waiting: { sign: '·', word: 'waiting', tone: 'plain' },
  running: { sign: '▸', word: 'running', tone: 'strong' },
  skipped: { sign: '–', word: 'skipped', tone: 'plain' },
  unknown: { sign: '?', word: 'UNKNOWN', tone: 'bad' },
  conflict: { sign: '≠', word: 'CONFLICT', tone: 'bad' },
  partial: { sign: '≈', word: 'PARTIAL', tone: 'warn' },
  none: { sign: ' ', word: '', tone: 'plain' },
};

/** Columns of the longest mark word, so that texts stand under each other. */
export const MARK_WORD_WIDTH = Math.max(...Object.values(MARKS).map(({ word }) => word.length));
