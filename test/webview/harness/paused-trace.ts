import { IntervalSet } from "../../../src/engine/pause/interval-set.ts";
import { findStandstill } from "../../../src/engine/pause/standstill.ts";
import { lastStartOf, lengthOf } from "../../../src/engine/pause/intervals.ts";
import {
  NO_STRING,
  type TraceColumns,
  type TracePauses,
  type TraceSummary,
} from "../../../src/model/trace.ts";
import type { SpanSpec, TraceSpec } from "./columns.ts";
import { checkoutTrace } from "./sample-traces.ts";

/** A pause of a service, in milliseconds since the trace's start. */
export interface PauseSpec {
  readonly service: string;
  readonly startMs: number;
  /** Absent: it lasts. */
  readonly endMs?: number | undefined;
  readonly place?: { readonly path: string; readonly line: number };
  /** Names of spans that failed because of it. */
  readonly failed?: readonly string[];
}

/** What the engine says of these pauses in a trace. */
export function pausesOf(
  columns: Omit<TraceColumns, "pauses">,
  pauses: readonly PauseSpec[],
  intern: (text: string) => number,
): TracePauses {
  const setOf = (service: string): IntervalSet | undefined => {
    const own = pauses.filter((pause) => pause.service === service);
    return own.length === 0 ? undefined : new IntervalSet(own.map(intervalOf));
  };
  const sets = columns.strings.map(setOf);
  const { stoodNs, heldSince, whole } = findStandstill({
    parent: columns.parent,
    start: columns.start,
    end: columns.end.map((end) => (Number.isNaN(end) ? Infinity : end)),
    pausesOf: (span) => {
      const name = columns.strings[columns.name[span] ?? 0] ?? "";
      const waited = pauses.find(({ failed = [] }) => failed.includes(name));
      return waited === undefined ? sets[columns.service[span] ?? 0] : setOf(waited.service);
    },
    anyPause: new IntervalSet(pauses.map(intervalOf)),
  });
  const failedIn = Uint32Array.from(columns.name, (name) => {
    const pause = pauses.find(({ failed = [] }) => failed.includes(columns.strings[name] ?? ""));
    return pause === undefined ? NO_STRING : intern(pause.service);
  });
  return {
    stood: stoodNs,
    heldSince,
    failedIn,
    standstill: Float64Array.from(whole),
    bands: pauses.map((pause) => {
      const [start, end] = intervalOf(pause);
      return { start, end, who: pause.service, threadName: undefined, place: pause.place };
    }),
  };
}

/** The part of a trace's summary that pauses make. */
export function pausedSummary({ pauses }: TraceColumns): Pick<TraceSummary, "stoodNs" | "heldSinceNs"> {
  if (pauses === undefined) return {};
  const whole = [...pauses.standstill];
  const stoodNs = lengthOf(whole);
  return { stoodNs: stoodNs === 0 ? undefined : stoodNs, heldSinceNs: lastStartOf(whole) };
}

/** A checkout during which the cart stood at a breakpoint for 4.1 s, and a call gave up waiting; or stands there still. */
export function pausedTrace(number: number, startMs: number, lasting = false): TraceSpec {
  const checkout = checkoutTrace(number, startMs);
  const place = { path: "/shop/cart/server.mjs", line: 12 };
  const later = (span: SpanSpec): SpanSpec => ({
    ...span,
    startMs: span.startMs + (span.startMs > 20 ? 4100 : 0),
    ...(span.endMs !== undefined && { endMs: span.endMs + (span.endMs > 20 ? 4100 : 0) }),
    ...(span.children !== undefined && { children: span.children.map(later) }),
  });
  const held = (span: SpanSpec): SpanSpec => ({
    ...span,
    ...(span.endMs !== undefined && span.endMs > 20 && { endMs: undefined }),
    ...(span.children !== undefined && {
      children: span.children.filter((child) => child.startMs <= 20).map(held),
    }),
  });
  const timeout: SpanSpec = {
    name: "GET recommendations",
    service: "api",
    kind: "client",
    startMs: 14,
    endMs: 2014,
    status: "error",
  };
  const [root] = checkout.roots.map(lasting ? held : later);
  return {
    ...checkout,
    roots:
      root === undefined
        ? []
        : [{ ...root, children: [...(root.children ?? []), ...(lasting ? [] : [timeout])] }],
    pauses: [
      { service: "cart", startMs: 20, endMs: lasting ? undefined : 4120, place, failed: [timeout.name] },
      ...(lasting
        ? [{ service: "api", startMs: 22, place: { path: "/shop/api/src/checkout.ts", line: 39 } }]
        : []),
    ],
  };
}

function intervalOf({ startMs, endMs }: PauseSpec): readonly [number, number] {
  return [startMs * 1e6, endMs === undefined ? Infinity : endMs * 1e6];
}
