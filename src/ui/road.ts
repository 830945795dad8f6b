/** The road: where you are, what is done, what is next. A column on wide terminals, a few words on narrow ones. */
import type { RoadStop } from '../wizard/types.ts';
import { line, span, truncateLine, widthOf, type Line, type UiSpan } from './spans.ts';
import { MARKS } from './theme.ts';

export const ROAD_WIDTH = 26;
/** Below this the road's column would take what the SQL needs. */
export const ROAD_FROM_COLUMNS = 90;

/** A row for each stop; on a low terminal, the rows around the one you are at. */
export function roadLines(road: readonly RoadStop[], width: number, height: number): Line[] {
  const rows = road.map(({ label, mark, here }) => {
    const { sign, tone } = MARKS[mark];
    const row = line(
      span(here ? '› ' : '  ', 'strong'),
      span(`${sign} `, tone),
      span(label, here ? 'strong' : 'plain'),
    );
    return truncateLine(row, width);
  });
  const here = Math.max(
    0,
    road.findIndex((stop) => stop.here),
  );
  const from = Math.max(0, Math.min(rows.length - height, here - Math.floor(height / 2)));
  return rows.slice(from, from + height);
}

/** For the title's row: `3 of 9, next: Plan`; without what is next where that would take more than `room` columns. */
export function roadWords(road: readonly RoadStop[], room = Number.POSITIVE_INFINITY): UiSpan {
  const here = road.findIndex((stop) => stop.here);
  if (here === -1) return span('');
  const next = road[here + 1];
  const place = `${here + 1} of ${road.length}`;
  const full = next === undefined ? place : `${place}, next: ${next.label}`;
  return span(widthOf(full) <= room ? full : place);
}
