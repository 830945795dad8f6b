/** One frame, put together: which rows each part gets, and what stands in them. Pure. */
import type { Size } from '../terminal/screen.ts';
import type { RoadStop, Screen, State } from '../wizard/types.ts';
import { layoutBlocks } from './blocks.ts';
import { footerLines } from './footer.ts';
import { elapsedText, headerLines } from './header.ts';
import { helpLines } from './help.ts';
import type { Scrolling } from './press.ts';
import { questionLines } from './question.ts';
import { roadLines, roadWords, ROAD_FROM_COLUMNS, ROAD_WIDTH } from './road.ts';
import { line, lineWidth, span, truncate, truncateLine, widthOf, type Line } from './spans.ts';
import type { View } from './view.ts';

export const SMALLEST: Size = { columns: 60, rows: 16 };
/** Rows of content that the question leaves at the least. */
const LEAST_CONTENT = 3;
const RULES = 2;
/** From this many rows on the footer may have a second one. */
const ROOMY_ROWS = 20;

/** Everything a frame is made of. */
export interface Scene {
  state: State;
  screen: Screen;
  road: readonly RoadStop[];
  view: View;
  size: Size;
  /** ms since the epoch. */
  now: number;
  /** When the program started, ms since the epoch. */
  startedAt: number;
}

export interface Frame {
  /** Set when the terminal is too small for anything else: the only row shown. */
  tooSmall: Line | null;
  /** Columns and rows of the whole frame; a row less than the terminal, or Ink would wipe the scrollback. */
  width: number;
  height: number;
  header: Line[];
  title: Line;
  /** Null on a narrow terminal. */
  road: Line[] | null;
  content: Line[];
  /** Where the content stands in its window; null when all of it is seen. */
  position: Line | null;
  contentHeight: number;
  scrolling: Scrolling;
  question: Line[];
  footer: Line[];
}

const cache = new WeakMap<object, Map<number, Line[]>>();

/** A screen's content at a width; laid out once for as long as the screen's blocks are the same. */
function contentLines(screen: Screen, width: number): Line[] {
  const byWidth = cache.get(screen.blocks) ?? new Map<number, Line[]>();
  cache.set(screen.blocks, byWidth);
  const known = byWidth.get(width);
  if (known !== undefined) return known;
  const lines = layoutBlocks(screen.blocks, width);
  byWidth.set(width, lines);
  return lines;
}

function window(lines: readonly Line[], height: number, wanted: number | null): Scrolling {
  if (lines.length <= height) return { offset: 0, max: 0, page: height };
  const page = Math.max(1, height - 1);
  const max = lines.length - page;
  const strong = lines.findIndex((row) => row.anchor === 'strong');
  const anchor = strong === -1 ? lines.findIndex((row) => row.anchor === 'weak') : strong;
  const followed = anchor < page ? 0 : anchor - Math.floor(page / 2);
  return { offset: Math.max(0, Math.min(max, wanted ?? followed)), max, page };
}

function positionLine({ offset, max, page }: Scrolling, total: number, width: number): Line | null {
  if (max === 0) return null;
  const below = total - offset - page;
  const above = offset > 0 ? `▲ ${offset} more above` : '';
  const under = below > 0 ? `▼ ${below} more below` : '';
  const words = [above, under].filter((part) => part !== '').join('  ');
  return truncateLine(line(span(words, 'strong'), span('  PgUp PgDn', 'quiet')), width);
}

function titleLine(
  screen: Screen,
  road: readonly RoadStop[],
  view: View,
  width: number,
  withRoad: boolean,
): Line {
  const title = span(truncate(view.help ? 'Help' : screen.title, width), 'title');
  if (withRoad) return line(title);
  const words = roadWords(road, width - widthOf(title.text) - 2);
  const gap = width - lineWidth(line(title, words));
  return gap < 2 ? line(title) : line(title, span(' '.repeat(gap)), words);
}

function smallFrame({ size }: Scene): Frame {
  const words = `${size.columns}x${size.rows} is too small: backout needs ${SMALLEST.columns}x${SMALLEST.rows}. Nothing has stopped.`;
  const height = Math.max(1, size.rows - 1);
  return {
    tooSmall: line(span(truncate(words, Math.max(1, size.columns)), 'strong')),
    width: size.columns,
    height,
    header: [],
    title: line(),
    road: null,
    content: [],
    position: null,
    contentHeight: 0,
    scrolling: { offset: 0, max: 0, page: 1 },
    question: [],
    footer: [],
  };
}

/** The frame for a scene. */
export function composeFrame(scene: Scene): Frame {
  const { state, screen, road, view, size, now, startedAt } = scene;
  if (size.columns < SMALLEST.columns || size.rows < SMALLEST.rows) return smallFrame(scene);
  const width = size.columns;
  const height = size.rows - 1;
  const hasRoad = width >= ROAD_FROM_COLUMNS;
  const contentWidth = hasRoad ? width - ROAD_WIDTH - 2 : width;
  const ticking = screen.question.kind === 'wait';
  const header = headerLines(state, elapsedText(now - startedAt, ticking), width);
  const lines = view.help ? helpLines(screen, contentWidth) : contentLines(screen, contentWidth);

  const footerRows = size.rows >= ROOMY_ROWS ? 2 : 1;
  const footer = footerLines(screen, view, width, footerRows);
  const rest = height - header.length - RULES - 1 - footer.length;
  const question = view.help
    ? []
    : questionLines(screen.question, view, { width, height: Math.max(1, rest - LEAST_CONTENT), now });
  const contentHeight = Math.max(1, rest - question.length);
  const scrolling = window(lines, contentHeight, view.help ? view.helpScroll : view.scroll);
  return {
    tooSmall: null,
    width,
    height,
    header,
    title: titleLine(screen, road, view, contentWidth, hasRoad),
    road: hasRoad ? roadLines(road, ROAD_WIDTH - 1, contentHeight + 1) : null,
    content: lines.slice(scrolling.offset, scrolling.offset + scrolling.page),
    position: positionLine(scrolling, lines.length, contentWidth),
    contentHeight,
    scrolling,
    question,
    footer,
  };
}
