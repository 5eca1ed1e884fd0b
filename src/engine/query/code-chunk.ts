import type { CodeEvidence, CodeRole } from "../../model/code-index.ts";
import type { RunNumber, SessionId } from "../../model/ids.ts";
import {
  CHUNK_ROWS,
  NAME_IN_RECORD,
  NO_TRACE,
  STATE_RUNNING,
  STATUS_ERROR,
  type SpanChunk,
} from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { ROLE_OF_KIND, type CodeOperations } from "./code-operations.ts";
import { CodeRowReader, type CodeRow } from "./code-row.ts";
import { sketchBucketOf } from "./duration-sketch.ts";
import { StringTable } from "./string-table.ts";

/** What counts as a span's duration, in nanoseconds; undefined for one that is left out of statistics. */
export type DurationOf = (chunk: SpanChunk, index: number, row: number) => number | undefined;

/** The rows of a chunk whose place in code is known or may be looked up, by operation: two bytes each, and some for each operation. */
export interface CodeChunk {
  readonly chunk: SpanChunk;
  /** What the chunk was like when this was made. */
  readonly writeCount: number;
  readonly aliveCount: number;
  readonly storeVersion: number;
  /** Numbers of operations; entry n has the buckets from `ends[n - 1]` to `ends[n]`. */
  readonly operations: Uint32Array;
  readonly ends: Uint16Array;
  readonly counts: Uint16Array;
  readonly errorCounts: Uint16Array;
  readonly lastIndexes: Uint16Array;
  /** Of the last span with an error, where there is one. */
  readonly lastErrorIndexes: Uint16Array;
  /** Of the span that took longest, where one has ended, and its bucket. */
  readonly slowestIndexes: Uint16Array;
  readonly slowestBuckets: Uint16Array;
  /** Of {@link sketchBucketOf}, of the spans that have ended. */
  readonly buckets: Uint16Array;
}

/** Reads a chunk, whose first row has this number. Operations that are new get their numbers in `known`. */
export function indexChunk(
  store: SpanStore,
  chunk: SpanChunk,
  firstRow: number,
  known: CodeOperations,
  durationOf: DurationOf,
): CodeChunk {
  const found = new FoundOperations(store, known);
  const reader = new CodeRowReader(store);
  for (let i = 0; i < CHUNK_ROWS; i++) {
    if (chunk.trace[i] === NO_TRACE) continue;
    const { own, thrown } = reader.read(chunk, i);
    if (own === undefined && thrown === undefined) continue;
    const duration = durationOf(chunk, i, firstRow + i);
    if (duration === undefined) continue;
    const bucket = sketchBucketOf(duration);
    if (own !== undefined) found.add(chunk, i, own, bucket);
    if (thrown !== undefined) found.add(chunk, i, thrown, bucket);
  }
  return {
    chunk,
    writeCount: chunk.writeCount,
    aliveCount: chunk.aliveCount,
    storeVersion: store.version,
    ...found.columns(),
  };
}

/** Sorts the rows of one chunk by operation. */
class FoundOperations {
  readonly #store: SpanStore;
  readonly #known: CodeOperations;
  readonly #paths = new StringTable();
  readonly #longNames = new StringTable();
  /** By place, then by name, origin and kind; see {@link add}. */
  readonly #entries = new Map<number, Map<number, number>>();
  readonly #operations: number[] = [];
  readonly #counts = new Uint16Array(CHUNK_ROWS);
  readonly #errorCounts = new Uint16Array(CHUNK_ROWS);
  readonly #lastIndexes = new Uint16Array(CHUNK_ROWS);
  readonly #lastErrorIndexes = new Uint16Array(CHUNK_ROWS);
  readonly #slowestIndexes = new Uint16Array(CHUNK_ROWS);
  readonly #slowestBuckets = new Uint16Array(CHUNK_ROWS);
  readonly #endedCounts = new Uint16Array(CHUNK_ROWS);
  /** Of the spans that have ended, in the order of their rows. */
  readonly #endedEntries: number[] = [];
  readonly #endedBuckets: number[] = [];

  constructor(store: SpanStore, known: CodeOperations) {
    this.#store = store;
    this.#known = known;
  }

  add(chunk: SpanChunk, i: number, at: CodeRow, bucket: number): void {
    const { path, line, evidence, isThrown } = at;
    // Numbers of names and origins are the store's own, and stay what they are while a chunk is read. Both fit 20 bits.
    const held = chunk.name[i] ?? NAME_IN_RECORD;
    const name =
      held === NAME_IN_RECORD ? LONG_NAMES + this.#longNames.numberOf(this.#store.nameAt(chunk, i)) : held;
    const way = isThrown ? THROWN : EVIDENCES.indexOf(evidence);
    const what = (name * ORIGINS + (chunk.origin[i] ?? 0)) * VARIANTS + way * KINDS + (chunk.kind[i] ?? 0);
    const place = this.#paths.numberOf(path) * LINES + line;
    let there = this.#entries.get(place);
    if (there === undefined) this.#entries.set(place, (there = new Map<number, number>()));
    let entry = there.get(what);
    if (entry === undefined) {
      entry = this.#operations.push(this.#numberOf(chunk, i, at)) - 1;
      there.set(what, entry);
    }
    this.#counts[entry] = (this.#counts[entry] ?? 0) + 1;
    this.#lastIndexes[entry] = i;
    if (chunk.status[i] === STATUS_ERROR) {
      this.#errorCounts[entry] = (this.#errorCounts[entry] ?? 0) + 1;
      this.#lastErrorIndexes[entry] = i;
    }
    if (chunk.state[i] === STATE_RUNNING) return;
    this.#endedCounts[entry] = (this.#endedCounts[entry] ?? 0) + 1;
    if (bucket >= (this.#slowestBuckets[entry] ?? 0)) {
      this.#slowestBuckets[entry] = bucket;
      this.#slowestIndexes[entry] = i;
    }
    this.#endedEntries.push(entry);
    this.#endedBuckets.push(bucket);
  }

  columns(): Omit<CodeChunk, "chunk" | "writeCount" | "aliveCount" | "storeVersion"> {
    const length = this.#operations.length;
    const ends = new Uint16Array(length);
    const next = new Uint16Array(length);
    let end = 0;
    for (let entry = 0; entry < length; entry++) {
      next[entry] = end;
      end += this.#endedCounts[entry] ?? 0;
      ends[entry] = end;
    }
    const buckets = new Uint16Array(end);
    this.#endedEntries.forEach((entry, n) => {
      const at = next[entry] ?? 0;
      next[entry] = at + 1;
      buckets[at] = this.#endedBuckets[n] ?? 0;
    });
    return {
      operations: Uint32Array.from(this.#operations),
      ends,
      counts: this.#counts.slice(0, length),
      errorCounts: this.#errorCounts.slice(0, length),
      lastIndexes: this.#lastIndexes.slice(0, length),
      lastErrorIndexes: this.#lastErrorIndexes.slice(0, length),
      slowestIndexes: this.#slowestIndexes.slice(0, length),
      slowestBuckets: this.#slowestBuckets.slice(0, length),
      buckets,
    };
  }

  #numberOf(chunk: SpanChunk, i: number, { path, line, evidence, isThrown }: CodeRow): number {
    const { service = "", run = 0, session } = this.#store.originAt(chunk, i) ?? {};
    const role: CodeRole = isThrown ? "throws" : (ROLE_OF_KIND[chunk.kind[i] ?? 0] ?? "runs");
    const name = this.#store.nameAt(chunk, i);
    return this.#known.numberOf({
      path,
      line,
      name,
      service,
      run: run as RunNumber,
      session: session as SessionId | undefined,
      role,
      evidence,
    });
  }
}

/** Factors that pack several small numbers into one that a double holds exactly. */
const KINDS = 8;
const EVIDENCES: readonly CodeEvidence[] = ["attributes", "stack", "lookup"];
const THROWN = EVIDENCES.length;
const VARIANTS = 4 * KINDS;
const ORIGINS = 2 ** 24;
const LINES = 2 ** 31;
/** Numbers of interned names are lower. */
const LONG_NAMES = 2 ** 20;
