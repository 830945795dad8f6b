/** A real frame, as it stands on an emulated terminal, turned into an SVG: text stays text, colours are kept. */
import type { IBufferCell, Terminal } from '@xterm/headless';

const CELL = { width: 8.4, height: 18, font: 14, baseline: 13 };
const MARGIN = 14;
const BACKGROUND = '#14181f';
const FOREGROUND = '#d6dbe4';
/** The sixteen colours of a common dark theme, in ANSI's order. */
const PALETTE = [
  '#3b4252',
  '#e06c75',
  '#8fca7f',
  '#d7ba7d',
  '#6aa5f0',
  '#c792ea',
  '#56b6c2',
  '#d6dbe4',
  '#6b7689',
  '#ff7b86',
  '#a6e396',
  '#e8d08f',
  '#8abcff',
  '#dcaeff',
  '#7fd4df',
  '#ffffff',
];

interface Look {
  colour: string;
  background: string | null;
  bold: boolean;
  dim: boolean;
  underline: boolean;
}

interface Run extends Look {
  column: number;
  columns: number;
  text: string;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function colourOf(isDefault: boolean, isRgb: boolean, value: number): string | null {
  if (isDefault) return null;
  if (isRgb) return `#${value.toString(16).padStart(6, '0')}`;
  if (value < PALETTE.length) return PALETTE[value] ?? null;
  return cube(value);
}

/** The 216 colours and 24 greys of the 256-colour palette. */
function cube(value: number): string {
  const hex = (level: number): string => level.toString(16).padStart(2, '0');
  if (value >= 232) return `#${hex(8 + 10 * (value - 232)).repeat(3)}`;
  const index = value - 16;
  const levels = [Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6];
  return `#${levels.map((level) => hex(level === 0 ? 0 : 55 + 40 * level)).join('')}`;
}

function lookOf(cell: IBufferCell): Look {
  const front = colourOf(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor());
  const back = colourOf(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor());
  const inverse = cell.isInverse() !== 0;
  return {
    colour: inverse ? (back ?? BACKGROUND) : (front ?? FOREGROUND),
    background: inverse ? (front ?? FOREGROUND) : back,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    underline: cell.isUnderline() !== 0,
  };
}

const sameLook = (one: Look, other: Look): boolean =>
  one.colour === other.colour &&
  one.background === other.background &&
  one.bold === other.bold &&
  one.dim === other.dim &&
  one.underline === other.underline;

/** The stretches of a row that look the same; spaces at its end that show nothing are left out. */
function runsOf(terminal: Terminal, row: number): Run[] {
  const { active } = terminal.buffer;
  const line = active.getLine(active.viewportY + row);
  const runs: Run[] = [];
  for (let column = 0; column < terminal.cols; column += 1) {
    const cell = line?.getCell(column);
    // The second half of a wide character is a cell without width.
    if (cell === undefined || cell.getWidth() === 0) continue;
    const look = lookOf(cell);
    const text = cell.getChars() === '' ? ' ' : cell.getChars();
    const last = runs.at(-1);
    if (last !== undefined && sameLook(last, look)) {
      last.text += text;
      last.columns = column + cell.getWidth() - last.column;
    } else runs.push({ ...look, column, columns: cell.getWidth(), text });
  }
  return runs.filter(
    ({ text, background, underline }) => text.trim() !== '' || background !== null || underline,
  );
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function runSvg(run: Run, row: number): string {
  const x = MARGIN + run.column * CELL.width;
  const y = MARGIN + row * CELL.height;
  const width = round(run.columns * CELL.width);
  const box =
    run.background === null
      ? ''
      : `<rect x="${round(x)}" y="${round(y)}" width="${width}" height="${CELL.height}" fill="${run.background}"/>`;
  const style = [
    run.bold ? ' font-weight="bold"' : '',
    run.dim ? ' opacity="0.65"' : '',
    run.underline ? ' text-decoration="underline"' : '',
  ].join('');
  const place = `x="${round(x)}" y="${round(y + CELL.baseline)}" textLength="${width}" lengthAdjust="spacingAndGlyphs"`;
  return `${box}<text ${place} fill="${run.colour}"${style}>${escape(run.text)}</text>`;
}

/**
 * The visible rows of the terminal as an SVG document.
 * @param title what the picture shows, for those who cannot see it
 */
export function frameToSvg(terminal: Terminal, title = 'A terminal'): string {
  const width = round(terminal.cols * CELL.width + 2 * MARGIN);
  const height = round(terminal.rows * CELL.height + 2 * MARGIN);
  const rows = Array.from({ length: terminal.rows }, (_, row) =>
    runsOf(terminal, row)
      .map((run) => runSvg(run, row))
      .join(''),
  ).filter((row) => row !== '');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${CELL.font}" xml:space="preserve">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}
