import type { RunNumber, TraceId } from "../../model/ids.ts";
import { NO_STRING, type TraceColumns } from "../../model/trace.ts";
import { chunkIndexOf, indexInChunk, STATE_RUNNING } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { NO_SLOT } from "../store/trace-table.ts";
import { ROLE_OF_KIND } from "./code-operations.ts";
import { CodePlaceReader } from "./code-place.ts";
import { SpanSubjects } from "./span-subject.ts";
import { runAtOnce, ROWS_PER_YIELD, type Sliced } from "./slices.ts";
import { StringTable } from "./string-table.ts";
import { orderTraceSliced } from "./trace-order.ts";
import { measurePauses, pauseColumns } from "./trace-pauses.ts";

/** A trace of more spans is opened without the last of them in depth-first order. */
export const MAX_OPENED_SPANS = 200_000;

/** {@link openTraceSliced} in one piece. */
export function openTrace(
  store: SpanStore,
  traceId: TraceId,
  unlessVersion?: number,
): TraceColumns | undefined {
  return runAtOnce(openTraceSliced(store, traceId, unlessVersion));
}

/**
 * The columns of a trace; undefined where it is not held, or where it has not changed since `unlessVersion`.
 * The buffers are new and may be transferred ({@link buffersOf}). Spans that arrive between two slices are left for
 * the next time: the version is that of the beginning.
 */
export function* openTraceSliced(
  store: SpanStore,
  traceId: TraceId,
  unlessVersion?: number,
): Sliced<TraceColumns | undefined> {
  const { traces } = store;
  const slot = traces.slotOf(traceId);
  if (slot === NO_SLOT) return undefined;
  const version = traces.version[slot] ?? 0;
  if (version === unlessVersion) return undefined;

  const order = yield* orderTraceSliced(store, slot, MAX_OPENED_SPANS);
  const count = order.rows.length;
  const start = new Float64Array(count);
  const end = new Float64Array(count);
  const name = new Uint32Array(count);
  const service = new Uint32Array(count);
  const kind = new Uint8Array(count);
  const status = new Uint8Array(count);
  const state = new Uint8Array(count);
  const path = new Uint32Array(count).fill(NO_STRING);
  const line = new Uint32Array(count);
  const strings = new StringTable();
  const serviceOfOrigin: number[] = [];
  const places = new CodePlaceReader(store);
  const subjects = new SpanSubjects(store);
  let subject: Uint32Array<ArrayBuffer> | undefined;
  const baseHigh = traces.startHigh[slot] ?? 0;
  const baseLow = traces.startLow[slot] ?? 0;

  for (let n = 0; n < count; n++) {
    const row = order.rows[n] ?? 0;
    const chunk = store.chunks[chunkIndexOf(row)];
    if (chunk === undefined) continue;
    const i = indexInChunk(row);
    const origin = chunk.origin[i] ?? 0;
    start[n] = sinceBase(chunk.startHigh[i], chunk.startLow[i], baseHigh, baseLow);
    const running = chunk.state[i] === STATE_RUNNING;
    end[n] = running ? Number.NaN : sinceBase(chunk.endHigh[i], chunk.endLow[i], baseHigh, baseLow);
    const nameHere = store.nameAt(chunk, i);
    name[n] = strings.numberOf(nameHere);
    const about = subjects.read(chunk, i, nameHere);
    if (about !== "") (subject ??= new Uint32Array(count).fill(NO_STRING))[n] = strings.numberOf(about);
    service[n] = serviceOfOrigin[origin] ??= strings.numberOf(store.origins.get(origin)?.service ?? "");
    kind[n] = chunk.kind[i] ?? 0;
    status[n] = chunk.status[i] ?? 0;
    state[n] = chunk.state[i] ?? 0;
    if (places.read(chunk, i)) {
      path[n] = strings.numberOf(places.path);
      line[n] = places.line;
    }
    if (n % ROWS_PER_YIELD === ROWS_PER_YIELD - 1) yield;
  }
  if (traces.slotOf(traceId) !== slot) return undefined;
  if (subject !== undefined) nameCalledServices(subject, order.parent, kind, service);
  const pauses = measurePauses(store, slot, order);
  return {
    traceId,
    run: (traces.run[slot] ?? 0) as RunNumber,
    pinned: traces.pinned[slot] === 1,
    version,
    startTimeUnixNano: ((BigInt(baseHigh) << 32n) | BigInt(baseLow)).toString(),
    startMs: traces.startMs(slot),
    durationNs: traces.durationNs(slot),
    spanCount: count,
    omittedCount: order.omittedCount,
    strings: strings.all,
    row: order.rows,
    parent: order.parent,
    depth: order.depth,
    start,
    end,
    name,
    service,
    ...(subject !== undefined && { subject }),
    kind,
    status,
    state,
    path,
    line,
    ...(pauses !== undefined && {
      pauses: pauseColumns(pauses, count, (text) => strings.numberOf(text)),
    }),
  };
}

/** The buffers of the columns, for transferring them. */
export function buffersOf(columns: TraceColumns): ArrayBuffer[] {
  return Object.values({ ...columns, ...columns.pauses }).flatMap((column: unknown) =>
    ArrayBuffer.isView(column) && column.buffer instanceof ArrayBuffer ? [column.buffer] : [],
  );
}

/** A service that answered says more than its host and port. */
function nameCalledServices(
  subject: Uint32Array,
  parent: Int32Array,
  kind: Uint8Array,
  service: Uint32Array,
): void {
  for (let n = 0; n < parent.length; n++) {
    const caller = parent[n] ?? -1;
    if (caller < 0 || subject[caller] === NO_STRING || ROLE_OF_KIND[kind[caller] ?? 0] !== "calls") continue;
    if (service[caller] !== service[n]) subject[caller] = service[n] ?? NO_STRING;
  }
}

function sinceBase(high = 0, low = 0, baseHigh: number, baseLow: number): number {
  return (high - baseHigh) * 2 ** 32 + (low - baseLow);
}
