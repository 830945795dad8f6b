/** The first rows of every frame: which world this is, which database, as whom, how far, how long. */
import { toLine } from '../terminal/sanitize.ts';
import type { State } from '../wizard/types.ts';
import { line, lineWidth, span, truncateLine, type Line, type UiSpan } from './spans.ts';

const GAP = '  ';
const HEADER_ROWS = 2;

/** `0:07`, `12:30`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** While nothing runs, the screen is drawn anew once a minute: it says minutes, so that it is never wrong. */
export function elapsedText(ms: number, ticking: boolean): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const whole = minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return ticking ? `${whole} ${String(seconds % 60).padStart(2, '0')} s` : whole;
}

/** Practice and production differ in the word, its frame and its colour; the word is never left out. */
export function environmentSpan(environment: State['environment']): UiSpan {
  return environment === 'PRODUCTION'
    ? span('!! PRODUCTION !!', 'production')
    : span(' PRACTICE ', 'practice');
}

function setting(state: State, name: string): string {
  return state.target.settings.find((one) => one.name === name)?.value ?? '';
}

function place(state: State): UiSpan[] {
  const { server } = state.target;
  if (server?.embedded === true) return [span('embedded '), span(toLine(server.database), 'strong')];
  const host = server?.host ?? setting(state, 'host');
  const port = server?.port ?? setting(state, 'port');
  const database = server?.database ?? setting(state, 'dbname');
  const at = [host, port].filter((part) => part !== '').join(':');
  if (at === '' && database === '') return [span('no database yet')];
  return [span(at === '' ? '' : `${toLine(at)} `), span(toLine(database), 'strong')];
}

function pieces(state: State, elapsed: string, short: boolean): UiSpan[][] {
  const { server } = state.target;
  const user = server?.user ?? setting(state, 'user');
  const connected =
    server === null ? 'not connected' : `${short ? 'PG' : 'PostgreSQL'} ${toLine(server.version, 20)}`;
  const count = state.steps.length;
  const onStep = state.screen === 'step';
  const step = onStep ? `step ${Math.min(state.current + 1, count)}${short ? '/' : ' of '}${count}` : '';
  return [
    [environmentSpan(state.environment)],
    place(state),
    [span(user === '' ? '' : `as ${toLine(user, 64)}`)],
    [span(connected, server === null ? 'warn' : 'plain')],
    [span(step, 'strong')],
    [span(elapsed)],
  ].filter((piece) => piece.some(({ text }) => text !== ''));
}

/** The header in one row if it fits, in short words if need be; else in two, each piece whole in one of them. */
export function headerLines(state: State, elapsed: string, width: number): Line[] {
  const full = rowsOf(pieces(state, elapsed, false), width);
  const short = full.length === 1 ? full : rowsOf(pieces(state, elapsed, true), width);
  return (short.length === 1 ? short : full).map((row) => truncateLine(row, width));
}

function rowsOf(parts: readonly UiSpan[][], width: number): Line[] {
  const rows: Line[] = [line()];
  for (const piece of parts) {
    const last = rows.at(-1) ?? line();
    const joined = line(...last.spans, ...(last.spans.length > 0 ? [span(GAP)] : []), ...piece);
    if (lineWidth(joined) <= width || last.spans.length === 0 || rows.length === HEADER_ROWS) {
      rows[rows.length - 1] = joined;
    } else rows.push(line(...piece));
  }
  return rows;
}
