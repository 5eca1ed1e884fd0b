import { SPAN_KINDS, type SpanKind } from "../../model/span.ts";
import { NO_STRING, type PauseBand, type TracePauses } from "../../model/trace.ts";
import { findFailedInPause, type FailableSpans } from "../pause/failed-in-pause.ts";
import type { IntervalSet } from "../pause/interval-set.ts";
import type { HeldPause, SpanProcess } from "../pause/pause-book.ts";
import { findStandstill, type Standstill } from "../pause/standstill.ts";
import { chunkIndexOf, indexInChunk, STATUS_ERROR } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { orderCalls, type CallOrder } from "./call-order.ts";
import { SpanProcesses } from "./span-process.ts";
import { spanTimes } from "./span-times.ts";
import type { TraceOrder } from "./trace-order.ts";

const CLIENT = SPAN_KINDS.indexOf("client" satisfies SpanKind);
const PRODUCER = SPAN_KINDS.indexOf("producer" satisfies SpanKind);

/** Whether the debugger held anything while this trace lasted. Costs next to nothing where it never did. */
export function isTouchedByPause(store: SpanStore, slot: number): boolean {
  const { pauses, traces } = store;
  if (pauses.isEmpty) return false;
  const start = pauses.sinceBaseOf(traces.startHigh[slot], traces.startLow[slot]);
  const end = traces.runningCount[slot] === 0 ? start + traces.durationNs(slot) : Number.POSITIVE_INFINITY;
  return pauses.any.meets(start, end);
}

/** A trace's pauses, with the services that failed spans waited for. */
export interface MeasuredPauses extends Standstill {
  /** The name of who was paused, for spans that failed because of that. */
  readonly failedIn: (index: number) => string | undefined;
  readonly bands: readonly PauseBand[];
}

/** What pauses did to the trace in this slot; undefined where they did nothing. `order` is that of its spans. */
export function measurePauses(store: SpanStore, slot: number, order: TraceOrder): MeasuredPauses | undefined {
  if (!isTouchedByPause(store, slot)) return undefined;
  const { pauses, traces } = store;
  const base = pauses.sinceBaseOf(traces.startHigh[slot], traces.startLow[slot]);
  const times = spanTimes(store, order.rows, (high, low) => pauses.sinceBaseOf(high, low));
  const calls = orderCalls(store, order, times, pauses.any);
  const processes = new TraceProcesses(store, calls);
  if (processes.sets.length === 0) return undefined;
  const spans = processes.spans();
  const failedIn = findFailedInPause(spans, processes.sets);
  const { stoodNs, heldSince, whole } = findStandstill(withWaiting(spans, failedIn, processes.sets));
  const failedInOrder = calls.toTraceOrder(failedIn);
  const end = traces.runningCount[slot] === 0 ? base + traces.durationNs(slot) : Number.POSITIVE_INFINITY;
  return {
    stoodNs: calls.toTraceOrder(stoodNs),
    heldSince: calls.toTraceOrder(heldSince).map((moment) => moment - base),
    whole: whole.map((moment) => moment - base),
    failedIn: (index) => processes.names[failedInOrder[index] ?? -1],
    bands: bandsOf(store, processes, base, end),
  };
}

/** A call that failed unanswered in somebody's pause did nothing but wait for them: it stood still with them. */
function withWaiting(spans: FailableSpans, failedIn: Int8Array, sets: readonly IntervalSet[]): FailableSpans {
  const isParent = new Uint8Array(spans.parent.length);
  for (const parent of spans.parent) if (parent >= 0) isParent[parent] = 1;
  return {
    ...spans,
    pausesOf: (index) =>
      isParent[index] === 1 ? spans.pausesOf(index) : (sets[failedIn[index] ?? -1] ?? spans.pausesOf(index)),
  };
}

/** The same as columns beside those of the trace. */
export function pauseColumns(
  measured: MeasuredPauses,
  spanCount: number,
  numberOf: (text: string) => number,
): TracePauses {
  const failedIn = new Uint32Array(spanCount);
  for (let n = 0; n < spanCount; n++) {
    const who = measured.failedIn(n);
    failedIn[n] = who === undefined ? NO_STRING : numberOf(who);
  }
  const { stoodNs, heldSince, whole, bands } = measured;
  return { stood: stoodNs, heldSince, failedIn, standstill: Float64Array.from(whole), bands };
}

/** The processes of a trace's spans that were paused at some time. */
class TraceProcesses {
  readonly sets: IntervalSet[] = [];
  /** The service of each of them. */
  readonly names: string[] = [];
  readonly #processes: SpanProcess[] = [];
  readonly #store: SpanStore;
  readonly #order: CallOrder;
  readonly #setOf: (IntervalSet | undefined)[];

  constructor(store: SpanStore, order: CallOrder) {
    this.#store = store;
    this.#order = order;
    const finder = new SpanProcesses(store);
    this.#setOf = Array.from(order.rows, (row) => {
      const chunk = store.chunks[chunkIndexOf(row)];
      if (chunk === undefined) return undefined;
      const process = finder.processOf(chunk, indexInChunk(row));
      const set = store.pauses.setOf(process);
      if (set === undefined || this.sets.includes(set)) return set;
      this.sets.push(set);
      this.names.push(store.originAt(chunk, indexInChunk(row))?.service ?? "");
      this.#processes.push(process);
      return set;
    });
  }

  /** The spans, with times since the base of the pauses. */
  spans(): FailableSpans {
    const { rows, parent } = this.#order;
    const store = this.#store;
    const failed = new Uint8Array(rows.length);
    const calls = new Uint8Array(rows.length);
    const origin = new Uint32Array(rows.length);
    rows.forEach((row, n) => {
      const chunk = store.chunks[chunkIndexOf(row)];
      const i = indexInChunk(row);
      if (chunk === undefined) return;
      failed[n] = chunk.status[i] === STATUS_ERROR ? 1 : 0;
      calls[n] = chunk.kind[i] === CLIENT || chunk.kind[i] === PRODUCER ? 1 : 0;
      origin[n] = chunk.origin[i] ?? 0;
    });
    const services = new Map<string, number>();
    const serviceOf = Array.from(origin, (number) => {
      const name = store.origins.get(number)?.service ?? "";
      return services.get(name) ?? (services.set(name, services.size), services.size - 1);
    });
    return {
      parent,
      ...spanTimes(store, rows, (high, low) => store.pauses.sinceBaseOf(high, low)),
      pausesOf: (index) => this.#setOf[index],
      anyPause: store.pauses.any,
      failed: (index) => failed[index] === 1,
      calls: (index) => calls[index] === 1,
      serviceOf: (index) => serviceOf[index] ?? 0,
    };
  }

  /** Who a pause held, of the processes of this trace; undefined where it held none of them. */
  heldBy({ pause }: HeldPause): string | undefined {
    const at = this.#processes.findIndex((process) => this.#store.pauses.concerns(pause, process));
    if (at < 0) return undefined;
    const service = this.names[at];
    return service === undefined || service === "" ? pause.name : service;
  }
}

/** More bands than this are a grey area, not something to point at. */
const MAX_BANDS = 2000;

function bandsOf(store: SpanStore, processes: TraceProcesses, base: number, traceEnd: number): PauseBand[] {
  const bands: PauseBand[] = [];
  for (const held of store.pauses.all) {
    if (held.end <= base || held.start >= traceEnd) continue;
    const who = processes.heldBy(held);
    if (who === undefined) continue;
    const { threadName, place } = held.pause;
    bands.push({ start: held.start - base, end: held.end - base, who, threadName, place });
    if (bands.length === MAX_BANDS) break;
  }
  return bands.sort((a, b) => a.start - b.start);
}
