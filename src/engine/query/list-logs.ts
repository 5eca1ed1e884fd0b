import type { SpanId, TraceId } from "../../model/ids.ts";
import type { LogFilter, LogList, LogRecord } from "../../model/log-record.ts";
import { wordsOfHex } from "../store/hex.ts";
import { ID_WORDS, indexInLogChunk, isRemoved } from "../store/log-chunk.ts";
import type { LogStore } from "../store/log-store.ts";
import { logCondition, type LogTest } from "./log-conditions.ts";
import { NewestLogs } from "./newest-logs.ts";
import { readLog, timeOf } from "./read-log.ts";
import { parseSearchText } from "./search-text.ts";
import { ROWS_PER_YIELD, type Sliced } from "./slices.ts";
import type { StackCache } from "./stack-cache.ts";

/**
 * The log records that meet the filter, the newest first, and how many there are of them. Records that arrive while this
 * is worked out may be missing.
 *
 * @param nowMs since the epoch: the moment from which ages in the filter's text count back
 */
export function* listLogs(
  store: LogStore,
  { filter, limit }: { readonly filter: LogFilter; readonly limit: number },
  stacks: StackCache,
  nowMs: number,
): Sliced<LogList> {
  const scan = new LogScan(store, testsOf(store, filter, nowMs), Math.min(limit, MAX_LIMIT));
  const { traceId, spanId } = filter;
  if (traceId === undefined) {
    for (let end = store.endRow; end > store.firstRow; end -= ROWS_PER_YIELD) {
      scan.visitRange(Math.max(end - ROWS_PER_YIELD, store.firstRow), end);
      yield;
    }
  } else {
    let count = 0;
    const ids = idWords(traceId, spanId);
    for (const row of spanId === undefined ? store.rowsOfTrace(ids) : store.rowsOfSpan(ids)) {
      scan.visit(row);
      if (++count % ROWS_PER_YIELD === 0) yield;
    }
  }
  const records = scan.newest.rows.map((row) => readLog(store, row, stacks));
  return {
    records: records.filter((record): record is LogRecord => record !== undefined),
    totalCount: scan.totalCount,
  };
}

/** What a reply carries at most. */
const MAX_LIMIT = 10_000;

/** Tests rows, and keeps the newest of those that pass. */
class LogScan {
  readonly #store: LogStore;
  readonly #tests: readonly LogTest[];
  readonly newest: NewestLogs;
  totalCount = 0;

  constructor(store: LogStore, tests: readonly LogTest[], limit: number) {
    this.#store = store;
    this.#tests = tests;
    this.newest = new NewestLogs(limit);
  }

  /** The rows from `start` to before `end`, the last one first. */
  visitRange(start: number, end: number): void {
    for (let row = end - 1; row >= start; row--) {
      if (this.#store.chunkOf(row) === undefined) row -= indexInLogChunk(row);
      else this.visit(row);
    }
  }

  visit(row: number): void {
    const chunk = this.#store.chunkOf(row);
    const i = indexInLogChunk(row);
    if (chunk === undefined || isRemoved(chunk, i)) return;
    for (const test of this.#tests) if (!test(chunk, i)) return;
    this.totalCount++;
    this.newest.add(row, chunk, i);
  }
}

function idWords(traceId: TraceId, spanId: SpanId | undefined): Int32Array {
  const ids = new Int32Array(ID_WORDS);
  ids.set(wordsOfHex(traceId, 0), 0);
  ids.set(wordsOfHex(traceId, 16), 2);
  if (spanId !== undefined) ids.set(wordsOfHex(spanId, 0), 4);
  return ids;
}

/** The cheapest tests come first. */
function testsOf(store: LogStore, filter: LogFilter, nowMs: number): LogTest[] {
  const { text = "", minSeverity = 0, run, fromUnixNano, beforeUnixNano } = filter;
  const tests: LogTest[] = [];
  if (minSeverity > 0) tests.push((chunk, i) => (chunk.severity[i] ?? 0) >= minSeverity);
  if (fromUnixNano !== undefined) {
    const from = BigInt(fromUnixNano);
    tests.push((chunk, i) => timeOf(chunk, i) >= from);
  }
  if (beforeUnixNano !== undefined) {
    const before = BigInt(beforeUnixNano);
    tests.push((chunk, i) => timeOf(chunk, i) < before);
  }
  if (run !== undefined) tests.push((chunk, i) => store.originAt(chunk, i)?.run === run);
  for (const clause of parseSearchText(text, nowMs).clauses) {
    const test = logCondition(store, clause);
    tests.push(clause.negated ? (chunk, i) => !test(chunk, i) : test);
  }
  return tests;
}
