import { NANOS_OF_UNIT } from "../../base/time.ts";

const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
const WHOLE = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;

/** Longer texts are no durations, whatever they hold. */
const MAX_LENGTH = 64;

/** Nanoseconds in a duration as Go writes it (`time.ParseDuration`): `1.5s`, `1h30m`, `250ms`. Undefined for anything else; never negative. */
export function parseGoDuration(text: string): number | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (text === "0") return 0;
  if (!WHOLE.test(text)) return undefined;
  let sum = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(PART))
    sum += Number(amount) * (NANOS_OF_UNIT[unit] ?? 0);
  return sum;
}
