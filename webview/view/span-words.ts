import { formatDuration, NANOS_PER_SECOND } from "../../src/base/time.ts";
import { SPAN_STATES, SPAN_STATUSES } from "../../src/model/span.ts";
import { NO_STRING, type TraceColumns } from "../../src/model/trace.ts";
import { parentIndex } from "../layout/lanes.ts";
import { programNs, stoodNs } from "../layout/program-time.ts";
import { subjectOf } from "../layout/span-label.ts";

/** What is said and shown of a span besides its picture. */
export interface SpanWords {
  readonly name: string;
  /** What it is about, where the name does not tell: `payment` of `POST`. */
  readonly subject: string | undefined;
  readonly service: string;
  /** `ended`, `running`, `paused`, `lost` or `error`. */
  readonly state: string;
  /** What the program took, without pauses of the debugger. */
  readonly durationNs: number;
  /** What it stood still in the debugger. */
  readonly stoodNs: number;
  /** Whose pause made it fail. */
  readonly failedIn: string | undefined;
  /** As `checkout.ts` and its line, where the span's place in the code is known. */
  readonly place: { readonly baseName: string; readonly line: number } | undefined;
}

export function spanWords(columns: TraceColumns, span: number, edgeNs: number): SpanWords {
  const path = columns.path[span] ?? NO_STRING;
  const held = !Number.isNaN(columns.pauses?.heldSince[span] ?? Number.NaN);
  const state = held ? "paused" : (SPAN_STATES[columns.state[span] ?? 0] ?? "ended");
  const failed = SPAN_STATUSES[columns.status[span] ?? 0] === "error";
  return {
    name: nameOr(columns.strings[columns.name[span] ?? 0]),
    subject: subjectOf(columns, span),
    service: columns.strings[columns.service[span] ?? 0] ?? "",
    state: failed ? (state === "ended" ? "error" : `${state}, error`) : state,
    durationNs: programNs(columns, span, edgeNs),
    stoodNs: stoodNs(columns, span, edgeNs),
    failedIn: columns.strings[columns.pauses?.failedIn[span] ?? NO_STRING],
    place:
      path === NO_STRING
        ? undefined
        : { baseName: baseName(columns.strings[path] ?? ""), line: columns.line[span] ?? 0 },
  };
}

/**
 * The accessible name of a span. Its order is a contract (docs/accessibility.md): name, duration, service, state,
 * share of the root, place in the code, what it is about, and that the paused thread is in it.
 */
export function accessibleSpanName(
  columns: TraceColumns,
  span: number,
  edgeNs: number,
  isActive = false,
): string {
  const words = spanWords(columns, span, edgeNs);
  const parts = [
    words.name,
    spokenDuration(words.durationNs),
    words.service || "unknown service",
    words.state,
    ...(words.failedIn === undefined ? [] : [`during a pause of ${words.failedIn}`]),
    ...(words.stoodNs > 0 ? [`paused ${spokenDuration(words.stoodNs)}`] : []),
  ];
  const share = shareOfRoot(columns, span, words.durationNs, edgeNs);
  if (share !== undefined) parts.push(share);
  if (words.place !== undefined) parts.push(`at ${spokenPlace(words.place)}`);
  if (words.subject !== undefined) parts.push(`about ${words.subject}`);
  if (isActive) parts.push("the paused thread is here");
  return parts.join(", ");
}

/** `checkout.ts line 39`, or without the line where only the file is known. */
export function spokenPlace(place: { readonly baseName: string; readonly line: number }): string {
  return place.line > 0 ? `${place.baseName} line ${place.line}` : place.baseName;
}

/** A duration with its unit spelled out, as a screen reader should say it: `143 milliseconds`. */
export function spokenDuration(durationNs: number): string {
  const magnitude = Math.abs(durationNs);
  // Minutes and hours are split, "2 m 05 s": their parts are said as they are read.
  if (magnitude >= 59.95 * NANOS_PER_SECOND) {
    return formatDuration(durationNs)
      .replace(/(\d+) h/, "$1 hours")
      .replace(/(\d+) m(?!\w)/, "$1 minutes")
      .replace(/0?(\d+) s$/, "$1 seconds");
  }
  return formatDuration(durationNs).replace(
    / (ns|µs|ms|s)$/,
    (_, unit: string) => ` ${UNIT_WORDS[unit] ?? unit}`,
  );
}

/** The exact duration for tooltips: `143,204,118 ns`. */
export function exactDuration(durationNs: number): string {
  return `${Math.round(durationNs).toLocaleString("en")} ns`;
}

/** The last part of a path or URL, without query and fragment. */
export function baseName(path: string): string {
  const bare = path.replace(/[?#].*$/s, "");
  return bare.split(/[\\/]/).findLast((part) => part !== "") ?? bare;
}

/** A name that can be read: nameless spans exist. */
export function nameOr(name: string | undefined): string {
  return name === undefined || name.trim() === "" ? "(no name)" : name;
}

const UNIT_WORDS: Readonly<Record<string, string>> = {
  ns: "nanoseconds",
  µs: "microseconds",
  ms: "milliseconds",
  s: "seconds",
};

function shareOfRoot(
  columns: TraceColumns,
  span: number,
  durationNs: number,
  edgeNs: number,
): string | undefined {
  let root = span;
  for (let up = parentIndex(columns, span); up >= 0; up = parentIndex(columns, up)) root = up;
  const whole = programNs(columns, root, edgeNs);
  if (root === span || whole <= 0) return undefined;
  const percent = Math.round((durationNs / whole) * 100);
  return `${percent} % of ${nameOr(columns.strings[columns.name[root] ?? 0])}`;
}
