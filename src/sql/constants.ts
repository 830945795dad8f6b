/**
 * Constants that the server writes otherwise than the SQL did: it stores the value and spells it anew (`'2020-01-01'`
 * becomes `'2020-01-01 00:00:00+00'`). Measured on PostgreSQL 15; what is not read here compares by its text.
 */
const INSTANT =
  /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?::(\d\d(?:\.\d{1,3})?))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** Steps run with the time zone UTC. */
function instant(text: string, zoned: boolean): string {
  if (text === 'epoch') return instant('1970-01-01', zoned);
  const [, day, minutes = '00:00', seconds = '00', zone = 'Z'] = INSTANT.exec(text) ?? [];
  if (day === undefined) return text;
  const full = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const at = new Date(`${day}T${minutes}:${seconds.padEnd(2, '0')}${zoned ? full : 'Z'}`);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

const UNITS: readonly [RegExp, 'months' | 'days' | 'seconds', number][] = [
  [/^(years?|yrs?)$/, 'months', 12],
  [/^(months?|mons?)$/, 'months', 1],
  [/^weeks?$/, 'days', 7],
  [/^days?$/, 'days', 1],
  [/^(hours?|hrs?)$/, 'seconds', 3600],
  [/^(minutes?|mins?)$/, 'seconds', 60],
  [/^(seconds?|secs?)$/, 'seconds', 1],
];

/** Whole numbers of units, and a time of the day. */
function interval(text: string): string {
  const sum = { months: 0, days: 0, seconds: 0 };
  const rest = text
    .toLowerCase()
    .replace(/([+-]?\d+)\s*([a-z]+)/g, (all, number: string, unit: string) => {
      const [, kind, times] = UNITS.find(([words]) => words.test(unit)) ?? [];
      if (kind === undefined || times === undefined) return all;
      sum[kind] += Number(number) * times;
      return '';
    })
    .replace(
      /(?<![\d.:-])(\d+):(\d\d)(?::(\d\d))?(?![\d.:])/,
      (_, hours: string, minutes: string, seconds = '0') => {
        sum.seconds += Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
        return '';
      },
    );
  return rest.trim() === '' && text.trim() !== '' ? JSON.stringify(sum) : text;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, below]) => [key, sorted(below)]);
  return { entries: entries.sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)) };
}

/** jsonb keeps 1.0 and large numbers as they are, which JavaScript does not: these compare by their text. */
function json(text: string): string {
  if (/\d[.eE]|\d{16}/.test(text)) return text;
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
}

/** Arrays of one dimension, without a backslash in them. */
function array(text: string): string {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (inner === undefined || /[{}\\]/.test(inner)) return text;
  const elements = inner.match(/\s*("[^"]*"|[^",]*)\s*(,|$)/g) ?? [];
  if (elements.join('') !== inner) return text;
  return JSON.stringify(
    elements.map((element) => {
      const bare = element.replace(/,$/, '').trim();
      return bare.startsWith('"') ? bare.slice(1, -1) : /^null$/i.test(bare) ? null : bare;
    }),
  );
}

/** The value that a literal of that type stands for, as text that is the same however it was written. Pure. */
export function constantOf(text: string, type: string): string {
  if (type.endsWith('[]')) return array(text);
  switch (type) {
    case 'timestamptz':
      return instant(text, true);
    case 'timestamp':
      return instant(text, false);
    case 'time':
      return /^\d\d:\d\d$/.test(text) ? `${text}:00` : text;
    case 'interval':
      return interval(text);
    case 'jsonb':
      return json(text);
    case 'bool':
      return /^(t|true|y|yes|on|1)$/i.test(text)
        ? 'true'
        : /^(f|false|n|no|off|0)$/i.test(text)
          ? 'false'
          : text;
    default:
      return text;
  }
}
