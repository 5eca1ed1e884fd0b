import { hostname } from "node:os";
import type { Problem, Result } from "../base/result.ts";
import type { SpanRow, TraceId } from "../model/ids.ts";
import type { LogFilter, LogList } from "../model/log-record.ts";
import type { SeriesInfo, SeriesSamples, SeriesSelector } from "../model/series.ts";
import type { Span } from "../model/span.ts";
import type { TraceFilter, TraceList } from "../model/trace-list.ts";
import type { TraceColumns } from "../model/trace.ts";
import { completeSearch, type SearchCompletion } from "./query/complete-search.ts";
import { encodeTracesJson } from "./query/encode-json.ts";
import { findSpans } from "./query/find-spans.ts";
import { listLogs } from "./query/list-logs.ts";
import { listTraces } from "./query/list-traces.ts";
import { openTrace } from "./query/open-trace.ts";
import { readSeries } from "./query/read-series.ts";
import { readSpan } from "./query/read-span.ts";
import { listSeries } from "./query/select-series.ts";
import { runInSlices } from "./query/slices.ts";
import { StackCache } from "./query/stack-cache.ts";
import { Slices } from "./slices.ts";
import { LogStore } from "./store/log-store.ts";
import { isOfPinnedTrace } from "./store/pinned-logs.ts";
import { SeriesStore } from "./store/series-store.ts";
import { SpanStore } from "./store/span-store.ts";

/** What log records, and what series of metrics, may take of the bound at most. Traces have what these leave. */
const LOG_SHARE = 1 / 8;
const SERIES_SHARE = 1 / 8;

/** The telemetry that is held, of all three signals and within one bound, and the questions about it that change nothing. */
export class HeldTelemetry {
  readonly store: SpanStore;
  readonly logStore: LogStore;
  readonly seriesStore: SeriesStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly #stacks = new StackCache();
  readonly #slices = new Slices();
  #maxBytes: number;
  #isMakingRoom = false;

  /**
   * @param maxBytes what all of it may take
   * @param now milliseconds since the epoch
   */
  constructor(maxBytes: number, now: () => number) {
    this.now = now;
    this.#maxBytes = maxBytes;
    this.store = new SpanStore({ maxBytes, hostName: hostname() });
    this.logStore = new LogStore({ maxBytes: maxBytes * LOG_SHARE, isSpared: isOfPinnedTrace(this.store) });
    this.seriesStore = new SeriesStore({ maxBytes: maxBytes * SERIES_SHARE });
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Bytes of memory that all of it takes. */
  get bytes(): number {
    return this.store.bytes + this.#besides;
  }

  /** Grows with every change of what is held. */
  get heldVersion(): number {
    return this.store.version + this.logStore.version + this.seriesStore.version;
  }

  setMaxBytes(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.logStore.setMaxBytes(maxBytes * LOG_SHARE);
    this.seriesStore.setMaxBytes(maxBytes * SERIES_SHARE);
    this.shareMemory();
  }

  /** Lets traces leave in slices while too much is held: large ones, and many where the bound is lowered. `onPart` hears of each slice. */
  makeRoom(onPart: () => void): void {
    if (this.#isMakingRoom || !this.store.isOverfull) return;
    this.#isMakingRoom = true;
    void this.#slices.run(() => {
      this.store.evictPart();
      this.#isMakingRoom = this.store.isOverfull;
      onPart();
      return this.#isMakingRoom;
    });
  }

  /** Gives the traces what logs and metrics do not use; to be called after these have changed. */
  shareMemory(): void {
    const maxBytes = this.#maxBytes - this.#besides;
    if (maxBytes !== this.store.maxBytes) this.store.setMaxBytes(maxBytes);
  }

  listTraces(query: { readonly filter: TraceFilter; readonly limit: number }): TraceList {
    return listTraces(this.store, query, this.now());
  }

  openTrace({
    traceId,
    unlessVersion,
  }: {
    readonly traceId: TraceId;
    readonly unlessVersion?: number | undefined;
  }): TraceColumns | undefined {
    return openTrace(this.store, traceId, unlessVersion);
  }

  readSpan({ row }: { readonly row: SpanRow }): Span | undefined {
    return readSpan(this.store, row, this.#stacks);
  }

  completeSearch({
    text,
    offset,
  }: {
    readonly text: string;
    readonly offset: number;
  }): readonly SearchCompletion[] {
    return completeSearch(this.store, text, offset);
  }

  findSpans({ traceId, text }: { readonly traceId: TraceId; readonly text: string }): {
    readonly rows: Float64Array;
  } {
    return findSpans(this.store, traceId, text, this.now());
  }

  /** Worked out in slices; the signal ends it. */
  listLogs(
    query: { readonly filter: LogFilter; readonly limit: number },
    signal?: AbortSignal,
  ): Promise<Result<LogList, Problem>> {
    return runInSlices(listLogs(this.logStore, query, this.#stacks, this.now()), signal);
  }

  listSeries({
    selector,
    limit,
  }: {
    readonly selector: SeriesSelector;
    readonly limit: number;
  }): Result<{ readonly series: readonly SeriesInfo[]; readonly matchingCount: number }, Problem> {
    return listSeries(this.seriesStore, selector, limit);
  }

  readSeries({
    number,
    fromUnixNano,
    toUnixNano,
  }: {
    readonly number: number;
    readonly fromUnixNano?: string | undefined;
    readonly toUnixNano?: string | undefined;
  }): SeriesSamples | undefined {
    const nanos = (text: string | undefined): bigint | undefined =>
      text === undefined ? undefined : BigInt(text);
    return readSeries(this.seriesStore, number, nanos(fromUnixNano), nanos(toUnixNano));
  }

  exportTraces({ traceIds }: { readonly traceIds?: readonly TraceId[] | undefined }): {
    readonly json: Uint8Array;
    readonly spanCount: number;
  } {
    return encodeTracesJson(this.store, traceIds);
  }

  /** What logs and metrics take. The tables of empty stores are nobody's loss. */
  get #besides(): number {
    const { logStore, seriesStore } = this;
    return (
      (logStore.count === 0 ? 0 : logStore.bytes) + (seriesStore.seriesCount === 0 ? 0 : seriesStore.bytes)
    );
  }
}
