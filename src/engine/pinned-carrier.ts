import type { Result } from "../base/result.ts";
import { OUTSIDE_ANY_RUN, type RunNumber, type TraceId } from "../model/ids.ts";
import type { LeavingSegment } from "./log/segment-index.ts";
import type { LogProblem } from "./log/problems.ts";
import type { LogRecord } from "./log/record.ts";
import { carriedLogRecords } from "./log-records.ts";
import type { SessionRegistry } from "./session-registry.ts";
import { pinnedTraces, rowsOfTraces, spanRecords } from "./span-records.ts";
import type { LogStore } from "./store/log-store.ts";
import type { SpanStore } from "./store/span-store.ts";
import { NO_SLOT } from "./store/trace-table.ts";

export interface PinnedCarrierParts {
  readonly store: SpanStore;
  readonly logs: LogStore;
  /** Whether a row of log records has not been logged yet. */
  readonly isLogUnderWay: (row: number) => boolean;
  readonly sessions: SessionRegistry;
  readonly nextConnection: () => number;
  readonly now: () => number;
  /** Appends to the session log. */
  readonly append: (record: LogRecord) => Promise<Result<void, unknown>>;
  /** The number of the record that is appended next. */
  readonly nextSequence: () => number;
  /** What pinned traces may take of the log each time, before compression. */
  readonly maxBytes: number;
  readonly onProblem: (problem: LogProblem) => void;
}

/**
 * Lets pinned traces outlive the log's limits: before segments leave that may hold parts of them, they are written
 * again, whole, with their log records.
 */
export class PinnedCarrier {
  readonly #parts: PinnedCarrierParts;
  /** The first record of each trace's last copy. */
  readonly #carriedAt = new Map<TraceId, number>();
  #carrying: Promise<boolean> | undefined;
  #hasToldSize = false;
  /** Of which it was told that log records are left out. */
  readonly #toldTraces = new Set<TraceId>();

  constructor(parts: PinnedCarrierParts) {
    this.#parts = parts;
  }

  /** Whether these segments may leave, once that is known; undefined where they may at once. Never rejects. */
  beforeLeaving(segments: readonly LeavingSegment[]): Promise<boolean> | undefined {
    if (segments.length === 0 || this.#carrying !== undefined) return this.#carrying;
    const lastLeaving = Math.max(...segments.map(({ lastSequence }) => lastSequence ?? -1));
    const due = pinnedTraces(this.#parts.store).filter(
      (traceId) => (this.#carriedAt.get(traceId) ?? -1) <= lastLeaving,
    );
    if (due.length === 0) return undefined;
    this.#carrying = this.#carry(due).finally(() => (this.#carrying = undefined));
    return this.#carrying;
  }

  /** False where not all of it could be written. */
  async #carry(traceIds: readonly TraceId[]): Promise<boolean> {
    const { store, logs, isLogUnderWay, append, nextSequence, nextConnection, maxBytes } = this.#parts;
    const sequence = nextSequence();
    for (const record of this.#runsOf(traceIds)) if (!(await append(record)).ok) return false;
    let bytes = 0;
    for (const traceId of traceIds) {
      const connections = { running: (connection: number) => connection, lost: nextConnection };
      for (const counted of spanRecords(store, rowsOfTraces(store, [traceId]), connections)) {
        if (counted === undefined) continue;
        const { record } = counted;
        if (record.kind === "request") bytes += record.body.length;
        if (bytes > maxBytes) {
          this.#tellSize();
          return true;
        }
        if (!(await append(record)).ok) return false;
      }
      // All in one go: what comes after the copies in the log is not among them.
      const { records: copies, leftOutCount } = carriedLogRecords(logs, traceId, isLogUnderWay);
      if (leftOutCount > 0) this.#tellLeftOut(traceId, leftOutCount);
      for (const { body } of copies) bytes += body.length;
      if (bytes > maxBytes) {
        this.#tellSize();
        return true;
      }
      const appended = await Promise.all(copies.map((copy) => append(copy)));
      if (!appended.every(({ ok }) => ok)) return false;
      if (!(await append({ kind: "pinned", traceId, pinned: true })).ok) return false;
      this.#carriedAt.set(traceId, sequence);
    }
    return true;
  }

  /** What tells the names of the runs that these traces are of. */
  #runsOf(traceIds: readonly TraceId[]): LogRecord[] {
    const { store, sessions, now } = this.#parts;
    const { traces } = store;
    const slots = traceIds.map((traceId) => traces.slotOf(traceId)).filter((slot) => slot !== NO_SLOT);
    const runs = new Set(slots.map((slot) => (traces.run[slot] ?? 0) as RunNumber));
    runs.delete(OUTSIDE_ANY_RUN);
    const named = [...runs].flatMap((run): LogRecord[] => {
      const known = sessions.runs.get(run);
      return known === undefined ? [] : [{ kind: "run-began", run, name: known.name, atMs: known.startMs }];
    });
    const opened = sessions.sessions
      .filter(({ run }) => runs.has(run))
      .map(({ id, run, name }): LogRecord => {
        return { kind: "session-opened", sessionId: id, run, name, atMs: now() };
      });
    return [...named, ...opened];
  }

  #tellLeftOut(traceId: TraceId, count: number): void {
    if (this.#toldTraces.has(traceId)) return;
    this.#toldTraces.add(traceId);
    this.#parts.onProblem({
      code: "log-pinned-records-left-out",
      message: `The pinned trace ${traceId} has too many log records: the ${count.toLocaleString("en")} oldest may not be there after the next start.`,
      advice: "Save the trace's run to keep all of them.",
    });
  }

  #tellSize(): void {
    if (this.#hasToldSize) return;
    this.#hasToldSize = true;
    this.#parts.onProblem({
      code: "log-pinned-too-large",
      message: "The pinned traces do not fit into the session log; some of them are held in memory only.",
      advice: "Raise the log's size limit, or unpin some.",
    });
  }
}
