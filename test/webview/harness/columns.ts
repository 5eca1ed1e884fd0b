import type { RunNumber, TraceId } from "../../../src/model/ids.ts";
import {
  SPAN_KINDS,
  SPAN_STATES,
  SPAN_STATUSES,
  type SpanKind,
  type SpanState,
  type SpanStatus,
} from "../../../src/model/span.ts";
import { pausesOf, type PauseSpec } from "./paused-trace.ts";
import { NO_STRING, PARENT_MISSING, PARENT_ROOT, type TraceColumns } from "../../../src/model/trace.ts";

/** A span as a test writes it: times in milliseconds since the trace's start, children inside. */
export interface SpanSpec {
  readonly name: string;
  readonly service?: string;
  readonly startMs: number;
  /** Absent: the span runs. */
  readonly endMs?: number | undefined;
  readonly status?: SpanStatus;
  readonly state?: SpanState;
  readonly kind?: SpanKind;
  /** A root whose parent never arrived. */
  readonly orphan?: boolean;
  readonly place?: { readonly path: string; readonly line: number };
  readonly children?: readonly SpanSpec[];
}

export interface TraceSpec {
  readonly traceId: TraceId;
  readonly startMs: number;
  readonly run?: number;
  readonly version?: number;
  readonly pinned?: boolean;
  /** The first span's row; the others count on. */
  readonly firstRow?: number;
  readonly roots: readonly SpanSpec[];
  readonly pauses?: readonly PauseSpec[];
}

/** The specs in depth-first order, as the engine gives spans. */
export function flatten(
  roots: readonly SpanSpec[],
): readonly { readonly spec: SpanSpec; readonly parent: number; readonly depth: number }[] {
  const flat: { readonly spec: SpanSpec; readonly parent: number; readonly depth: number }[] = [];
  const visit = (spec: SpanSpec, parent: number, depth: number): void => {
    const index = flat.push({ spec, parent, depth }) - 1;
    const children = [...(spec.children ?? [])].sort((a, b) => a.startMs - b.startMs);
    for (const child of children) visit(child, index, depth + 1);
  };
  for (const root of roots) visit(root, root.orphan === true ? PARENT_MISSING : PARENT_ROOT, 0);
  return flat;
}

/** Builds the engine's columns of a trace. */
export function buildColumns(trace: TraceSpec): TraceColumns {
  const flat = flatten(trace.roots);
  const strings: string[] = [];
  const numbers = new Map<string, number>();
  const intern = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, strings.length);
    return strings.push(text) - 1;
  };
  const ends = flat.map(({ spec }) => spec.endMs ?? spec.startMs);
  const firstRow = trace.firstRow ?? 1;
  const columns: TraceColumns = {
    traceId: trace.traceId,
    run: (trace.run ?? 1) as RunNumber,
    pinned: trace.pinned ?? false,
    version: trace.version ?? 1,
    startTimeUnixNano: `${BigInt(Math.round(trace.startMs)) * 1_000_000n}`,
    startMs: Math.round(trace.startMs),
    durationNs: ends.reduce((most, end) => Math.max(most, end), 0) * 1e6,
    spanCount: flat.length,
    omittedCount: 0,
    strings,
    row: Float64Array.from(flat, (_, i) => firstRow + i),
    parent: Int32Array.from(flat, ({ parent }) => parent),
    depth: Uint16Array.from(flat, ({ depth }) => depth),
    start: Float64Array.from(flat, ({ spec }) => spec.startMs * 1e6),
    end: Float64Array.from(flat, ({ spec }) => (spec.endMs === undefined ? Number.NaN : spec.endMs * 1e6)),
    name: Uint32Array.from(flat, ({ spec }) => intern(spec.name)),
    service: Uint32Array.from(flat, ({ spec }) => intern(spec.service ?? "api")),
    kind: Uint8Array.from(flat, ({ spec }) => SPAN_KINDS.indexOf(spec.kind ?? "internal")),
    status: Uint8Array.from(flat, ({ spec }) => SPAN_STATUSES.indexOf(spec.status ?? "unset")),
    state: Uint8Array.from(flat, ({ spec }) =>
      SPAN_STATES.indexOf(spec.state ?? (spec.endMs === undefined ? "running" : "ended")),
    ),
    path: Uint32Array.from(flat, ({ spec }) =>
      spec.place === undefined ? NO_STRING : intern(spec.place.path),
    ),
    line: Uint32Array.from(flat, ({ spec }) => spec.place?.line ?? 0),
  };
  return trace.pauses === undefined
    ? columns
    : { ...columns, pauses: pausesOf(columns, trace.pauses, intern) };
}
