import { formatDuration } from "../../src/base/time.ts";
import type { PauseBand } from "../../src/model/trace.ts";
import { baseName } from "./span-words.ts";

/** `paused 4.1 s at cart.ts:12`, as it stands on a band. */
export function pauseWords(band: PauseBand, lengthNs: number): string {
  const length = Number.isFinite(lengthNs) ? ` ${formatDuration(lengthNs)}` : "";
  const place = band.place === undefined ? "" : ` at ${baseName(band.place.path)}:${band.place.line}`;
  return `${band.end === Infinity ? "paused" : `paused${length}`}${place}`;
}

/** The same with who was paused, for a name that is read alone. */
export function accessiblePauseName(band: PauseBand, lengthNs: number): string {
  const thread = band.threadName === undefined ? "" : `, thread ${band.threadName}`;
  return `${band.who}${thread} ${pauseWords(band, lengthNs)}`;
}
