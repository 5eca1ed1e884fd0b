/**
 * Sets of moments as flat lists: a start and an end in turn, ascending, without overlaps and without empty intervals.
 * An interval holds its start and not its end; the last end may be Infinity.
 */
export type Intervals = readonly number[];

export const NO_INTERVALS: Intervals = [];

/** The moments of `a` that are not in `b`. */
export function difference(a: Intervals, b: Intervals): Intervals {
  if (b.length === 0) return a;
  const rest: number[] = [];
  let next = 0;
  for (let i = 0; i < a.length; i += 2) {
    let from = a[i] ?? 0;
    const to = a[i + 1] ?? 0;
    while (next < b.length && (b[next + 1] ?? 0) <= from) next += 2;
    for (let j = next; j < b.length && (b[j] ?? 0) < to; j += 2) {
      if ((b[j] ?? 0) > from) rest.push(from, b[j] ?? 0);
      from = Math.max(from, b[j + 1] ?? 0);
    }
    if (from < to) rest.push(from, to);
  }
  return rest;
}

/** The length of all intervals that have an end. */
export function lengthOf(intervals: Intervals): number {
  let length = 0;
  for (let i = 0; i < intervals.length; i += 2) {
    const end = intervals[i + 1] ?? 0;
    if (end < Number.POSITIVE_INFINITY) length += end - (intervals[i] ?? 0);
  }
  return length;
}

/** The start of the interval that has no end; undefined where all have one. */
export function lastStartOf(intervals: Intervals): number | undefined {
  return intervals.at(-1) === Number.POSITIVE_INFINITY ? intervals.at(-2) : undefined;
}
