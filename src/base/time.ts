export const NANOS_PER_MICRO = 1e3;
export const NANOS_PER_MILLI = 1e6;
export const NANOS_PER_SECOND = 1e9;

/**
 * A duration as a person reads it: three significant digits and a unit, minutes and hours split
 * (`412 ns`, `12.4 ms`, `1.94 s`, `2 m 05 s`, `3 h 07 m`). Negative durations keep their sign.
 */
export function formatDuration(durationNs: number): string {
  if (!Number.isFinite(durationNs)) return "–";
  if (durationNs < 0) return `−${formatDuration(-durationNs)}`;
  // The limits are those of rounding to three digits: 999.6 µs reads "1 ms", never "1000 µs".
  if (durationNs < 999.5) return `${threeDigits(durationNs)} ns`;
  if (durationNs < 999.5 * NANOS_PER_MICRO) return `${threeDigits(durationNs / NANOS_PER_MICRO)} µs`;
  if (durationNs < 999.5 * NANOS_PER_MILLI) return `${threeDigits(durationNs / NANOS_PER_MILLI)} ms`;
  const seconds = durationNs / NANOS_PER_SECOND;
  if (seconds < 59.95) return `${threeDigits(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${twoDigits(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} m`;
}

/** How long ago something was, in words: `now`, `8 s ago`, `12 m ago`, `3 h ago`, `2 d ago`. */
export function formatAge(ageMs: number): string {
  const seconds = Math.floor(ageMs / 1000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

function threeDigits(value: number): string {
  if (value === 0) return "0";
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** Nanoseconds of a unit as Go writes it (`time.ParseDuration`), either letter that looks like a micro sign included. */
export const NANOS_OF_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
