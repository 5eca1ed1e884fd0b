import type { RestoredRuns, SavedRuns } from "../../protocol/run-file.ts";

const MEGABYTE = 1024 * 1024;

/** What was written, in one sentence. */
export function savedText(name: string, saved: SavedRuns): string {
  const { spanCount, pointCount, logCount, bytes } = saved;
  const parts = [
    counted(spanCount, "span"),
    ...(pointCount > 0 ? [counted(pointCount, "data point")] : []),
    ...(logCount > 0 ? [counted(logCount, "log record")] : []),
  ];
  return `Saved ${parts.join(", ")} to ${name} (${sizeText(bytes)}).`;
}

/** What was taken in, and whether anything was new in it. */
export function restoredText(name: string, { runs, spanCount, knownSpanCount }: RestoredRuns): string {
  if (spanCount === 0 && knownSpanCount > 0)
    return `Everything in ${name} is here already: ${counted(knownSpanCount, "span")}.`;
  const names = runs.map(({ number, name: runName }) => `run ${number} (${runName})`);
  const shown = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  const into = names.length === 0 ? "" : ` into ${shown.join(", ")}`;
  const known = knownSpanCount === 0 ? "" : ` ${counted(knownSpanCount, "span")} were here already.`;
  return `Restored ${counted(spanCount, "span")} from ${name}${into}.${known}`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : `${noun}s`}`;
}

/** Bytes as a person reads them. */
export function sizeText(bytes: number): string {
  return bytes < MEGABYTE / 10 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / MEGABYTE).toFixed(1)} MB`;
}
