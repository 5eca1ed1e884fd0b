import type { CodeIndexEntry, CodeSource } from "../../model/code-index.ts";
import type { SpanRow, TraceId } from "../../model/ids.ts";
import { CHUNK_ROWS, NO_TRACE, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { indexChunk, type CodeChunk, type DurationOf } from "./code-chunk.ts";
import { CodeOperations } from "./code-operations.ts";
import { isSamePath } from "./code-place.ts";
import { DurationSketch } from "./duration-sketch.ts";
import { spanStandstill } from "./program-time.ts";
import { durationNsAt } from "./search-match.ts";
import type { Sliced } from "./slices.ts";

export interface CodeIndexQuery {
  /** The file, or the end of its path as it was received; empty for what has none and may be looked up. */
  readonly path: string;
  /** Only of this run; all runs where it is left out. */
  readonly run?: number | undefined;
}

/**
 * What traces know of places in code, for the editor: file → line → operations with their figures. Made when first
 * asked for. Rows are read once for each chunk, and again for chunks that have changed; a question then only adds up
 * what the chunks have of one file.
 */
export class CodeIndex {
  readonly #store: SpanStore;
  readonly #durationOf: DurationOf;
  #operations = new CodeOperations();
  /** By chunk number. */
  readonly #chunks: (CodeChunk | undefined)[] = [];
  readonly #sketch = new DurationSketch();
  #pausesVersion = 0;

  /** @param durationOf program time unless told. */
  constructor(store: SpanStore, durationOf: DurationOf = programTimeIn(store)) {
    this.#store = store;
    this.#durationOf = durationOf;
  }

  /** The operations at the lines of a file, by line, then the latest run, then the most spans; 5,000 of them at most. */
  *read({ path, run }: CodeIndexQuery): Sliced<readonly CodeIndexEntry[]> {
    yield* this.#update();
    const flags = new Uint8Array(this.#operations.count);
    for (const received of this.#operations.paths) {
      if (!isSamePath(received, path)) continue;
      for (const number of this.#operations.ofPath(received)) {
        if (run === undefined || this.#operations.get(number)?.run === run) flags[number] = 1;
      }
    }
    const entries = [...this.#partsOf(flags)].flatMap(([number, parts]) => this.#entryOf(number, parts));
    return entries
      .sort((a, b) => a.line - b.line || b.run - a.run || b.count - a.count)
      .slice(0, MAX_ENTRIES);
  }

  /** The files that spans name, of each service and run; the 5,000 latest. */
  *sources(): Sliced<readonly CodeSource[]> {
    yield* this.#update();
    return [...this.#operations.sources].slice(-MAX_ENTRIES);
  }

  /** Reads the chunks that are new or have changed. */
  *#update(): Sliced<void> {
    const store = this.#store;
    // Lines move as code is edited: what was known of places that no span has any more is forgotten with all the rest.
    if (this.#operations.count > MAX_OPERATIONS) {
      this.#operations = new CodeOperations();
      this.#chunks.length = 0;
    }
    const pausesVersion = store.pauses.version;
    const newPauses = pausesVersion !== this.#pausesVersion;
    this.#pausesVersion = pausesVersion;
    for (let number = 0; number < store.chunks.length; number++) {
      const chunk = store.chunks[number];
      const known = this.#chunks[number];
      if (chunk === undefined) {
        this.#chunks[number] = undefined;
        continue;
      }
      if (known !== undefined && isFresh(known, chunk) && !(newPauses && this.#hasChangedTrace(known)))
        continue;
      const firstRow = number * CHUNK_ROWS;
      this.#chunks[number] = indexChunk(store, chunk, firstRow, this.#operations, this.#durationOf);
      yield;
    }
  }

  /** A pause changes the durations of spans whose rows stay as they are; the store marks their traces. */
  #hasChangedTrace({ chunk, storeVersion }: CodeChunk): boolean {
    const { version } = this.#store.traces;
    return chunk.trace.some((slot) => slot !== NO_TRACE && (version[slot] ?? 0) > storeVersion);
  }

  /** What the chunks have of the operations with a flag of 1. */
  #partsOf(flags: Uint8Array): ReadonlyMap<number, Parts> {
    const parts = new Map<number, number[]>();
    if (!flags.includes(1)) return parts;
    for (let number = 0; number < this.#chunks.length; number++) {
      const chunk = this.#chunks[number];
      if (chunk === undefined) continue;
      const { operations } = chunk;
      for (let entry = 0; entry < operations.length; entry++) {
        const operation = operations[entry] ?? 0;
        if (flags[operation] !== 1) continue;
        const known = parts.get(operation);
        if (known === undefined) parts.set(operation, [number, entry]);
        else known.push(number, entry);
      }
    }
    return parts;
  }

  #entryOf(number: number, parts: Parts): CodeIndexEntry[] {
    const operation = this.#operations.get(number);
    let count = 0;
    let errorCount = 0;
    let lastRow = -1;
    let lastErrorRow = -1;
    let slowestRow = -1;
    let slowest = -1;
    this.#sketch.clear();
    for (let at = 0; at < parts.length; at += 2) {
      const chunkNumber = parts[at] ?? 0;
      const chunk = this.#chunks[chunkNumber];
      const entry = parts[at + 1] ?? 0;
      if (chunk === undefined) continue;
      count += chunk.counts[entry] ?? 0;
      errorCount += chunk.errorCounts[entry] ?? 0;
      const firstRow = chunkNumber * CHUNK_ROWS;
      lastRow = firstRow + (chunk.lastIndexes[entry] ?? 0);
      if ((chunk.errorCounts[entry] ?? 0) > 0) lastErrorRow = firstRow + (chunk.lastErrorIndexes[entry] ?? 0);
      const start = entry === 0 ? 0 : (chunk.ends[entry - 1] ?? 0);
      const end = chunk.ends[entry] ?? 0;
      this.#sketch.add(chunk.buckets, start, end);
      const bucket = chunk.slowestBuckets[entry] ?? 0;
      if (end === start || bucket < slowest) continue;
      slowest = bucket;
      slowestRow = firstRow + (chunk.slowestIndexes[entry] ?? 0);
    }
    const lastTraceId = this.#traceOf(lastRow);
    if (operation === undefined || lastTraceId === undefined) return [];
    const { path, line, name, service, run, role, evidence } = operation;
    return [
      {
        path,
        line,
        operation: name,
        service,
        role,
        evidence,
        run,
        count,
        errorCount,
        p50Ns: this.#sketch.quantile(0.5),
        p95Ns: this.#sketch.quantile(0.95),
        lastRow: lastRow as SpanRow,
        lastTraceId,
        slowestTraceId: this.#traceOf(slowestRow),
        lastErrorRow: lastErrorRow < 0 ? undefined : (lastErrorRow as SpanRow),
      },
    ];
  }

  #traceOf(row: number): TraceId | undefined {
    const slot = row < 0 ? undefined : this.#store.chunkOf(row)?.trace[row % CHUNK_ROWS];
    return slot === undefined ? undefined : this.#store.traces.idOf(slot);
  }
}

const MAX_ENTRIES = 5000;
/** Some hundred bytes each. */
const MAX_OPERATIONS = 200_000;

/** What chunks have of an operation, in pairs: the number of the chunk and the entry in it. */
type Parts = readonly number[];

function isFresh(known: CodeChunk, chunk: SpanChunk): boolean {
  return (
    known.chunk === chunk && known.writeCount === chunk.writeCount && known.aliveCount === chunk.aliveCount
  );
}

/** A span's duration less the debugger's pauses; one that failed because somebody else was paused is left out unless told. */
export function programTimeIn(store: SpanStore, withFailedInPause = false): DurationOf {
  return (chunk, i, row) => {
    const standstill = spanStandstill(store, chunk.trace[i] ?? NO_TRACE, row);
    if (standstill?.failedIn !== undefined && !withFailedInPause) return undefined;
    return durationNsAt(chunk, i) - (standstill?.stoodNs ?? 0);
  };
}
