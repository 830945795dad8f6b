/** Lengths of time as a drill writes them: `3 hours ago`, `40 hours`, `3 weeks ago`. Pure. */

const HOURS: Readonly<Record<string, number>> = {
  minute: 1 / 60,
  hour: 1,
  day: 24,
  week: 7 * 24,
};

/** In hours; null when it cannot be read. */
export function hoursOf(text: string): number | null {
  const [, count = '', unit = ''] =
    /^(\d+(?:\.\d+)?)\s+(minute|hour|day|week)s?(?:\s+ago)?$/.exec(text.trim()) ?? [];
  const hours = HOURS[unit];
  return hours === undefined ? null : Number(count) * hours;
}
