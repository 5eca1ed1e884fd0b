import { NANOS_OF_UNIT } from "../../base/time.ts";

const UNITS: Readonly<Record<string, number>> = { ...NANOS_OF_UNIT, min: 60e9 };

/** Nanoseconds of a number with a unit, NaN for anything else. */
export function durationOf(text: string): number {
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*(\D+)$/.exec(text.trim());
  return match === null ? Number.NaN : Number(match[1]) * (UNITS[match[2] ?? ""] ?? Number.NaN);
}

const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?$/;
const DATE = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?))?$/;

/**
 * Nanoseconds since the epoch, as near as a double comes (a quarter of a microsecond), of a moment as a person writes
 * it: `-5m` ago, `10:30` today, or a date with or without time and zone as ISO 8601 has them. What names no zone is in
 * that of this machine. NaN for anything else.
 *
 * @param nowMs since the epoch: what ages count from, and the day that is today
 */
export function momentOf(text: string, nowMs: number): number {
  const written = text.trim().toUpperCase();
  if (written.startsWith("-")) return nowMs * 1e6 - durationOf(text.trim().slice(1));
  const [, hours, minutes, seconds = "0", fraction = ""] = CLOCK.exec(written) ?? [];
  if (hours !== undefined) {
    const ms = Number(fraction.padEnd(3, "0"));
    return new Date(nowMs).setHours(Number(hours), Number(minutes), Number(seconds), ms) * 1e6;
  }
  const [, date, time = "00:00"] = DATE.exec(written) ?? [];
  return date === undefined ? Number.NaN : Date.parse(`${date}T${time}`) * 1e6;
}
