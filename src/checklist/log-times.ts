/**
 * When a line of a log was written, and which lines are of the time since a run began. Pure.
 *
 * Without a zone a time may be meant as local or as UTC: the later of the two counts, so that nothing that happened in
 * the run is passed over (and at worst a few older lines are looked at too). A time without a date, as Elixir's logger
 * writes by default, is of the last day of the file; where the times jump back by hours a new day began.
 */

const DATED =
  /\b(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,6})\d*)?\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?/;
const TIME_ONLY = /^\W?(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,6}))?\s/;

const DAY_MS = 86_400_000;
/** Within one day lines are written by several processes, so times may jump back a little. */
const JUMP_MS = 6 * 3_600_000;

/** `at`: ms since the epoch. `clock`: ms since midnight, of a day that only the lines after it can tell. */
export type LineTime = { at: number } | { clock: number } | null;

/** Milliseconds by which local time is ahead of UTC at that time. */
const offsetAt = (ms: number): number => -new Date(ms).getTimezoneOffset() * 60_000;

/** The time in a line's first 80 characters, or null. */
export function timeOf(line: string, offset: (ms: number) => number = offsetAt): LineTime {
  const head = line.slice(0, 80);
  const dated = DATED.exec(head);
  if (dated) {
    const [, year, month, day, hour, minute, second, fraction = '0', zone] = dated;
    const utc = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!, +`0.${fraction}` * 1000);
    if (zone === undefined) return { at: Math.max(utc, utc - offset(utc)) };
    return { at: utc - zoneMs(zone) };
  }
  const bare = TIME_ONLY.exec(head);
  if (!bare) return null;
  const [, hour, minute, second, fraction = '0'] = bare;
  return { clock: ((+hour! * 60 + +minute!) * 60 + +second!) * 1000 + +`0.${fraction}` * 1000 };
}

function zoneMs(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (!match) return 0;
  const ms = (+match[2]! * 60 + +(match[3] ?? '0')) * 60_000;
  return match[1] === '-' ? -ms : ms;
}

/** Where a line stands in time; `days`: how many new days began before it in the file. */
export type Moment = { at: number } | { clock: number; days: number } | null;

/** Follows a log from line to line: what has no time of its own belongs to the last that had one. */
export function createClock(offset: (ms: number) => number = offsetAt) {
  let last: Moment = null;
  let days = 0;
  let clock = 0;
  return {
    of(line: string): Moment {
      const time = timeOf(line, offset);
      if (time === null) return last;
      if ('at' in time) return (last = time);
      if (time.clock < clock - JUMP_MS) days += 1;
      clock = time.clock;
      return (last = { clock, days });
    },
    /**
     * Whether a moment is not before `since`; null where it cannot be told. To be asked once the whole log was read.
     * @param now of the last line, at the latest: ms since the epoch
     */
    isSince(moment: Moment, since: number, now: number): boolean | null {
      if (moment === null) return null;
      if ('at' in moment) return moment.at >= since;
      // As if written in UTC, and as if in local time.
      return [0, offset(now)].some((shift) => {
        const shown = now + shift;
        const midnight = shown - (((shown % DAY_MS) + DAY_MS) % DAY_MS);
        // The last line cannot be of the future: a time later than now is of yesterday.
        const lastDay = midnight + clock > shown + 60_000 ? midnight - DAY_MS : midnight;
        return lastDay - (days - moment.days) * DAY_MS + moment.clock - shift >= since;
      });
    },
  };
}
