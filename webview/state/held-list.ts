import type { TraceSummary } from "../../src/model/trace.ts";
import type { TraceId } from "../../src/model/ids.ts";

/**
 * The rows of the list of traces, which keep their places while a person points at them or has scrolled: what is new
 * waits, what is shown is only brought up to date.
 */
export class HeldList {
  #shown: readonly TraceSummary[] = [];
  #latest: readonly TraceSummary[] = [];
  #held = false;

  get shown(): readonly TraceSummary[] {
    return this.#shown;
  }

  /** How many traces wait. */
  get waitingCount(): number {
    if (this.#shown === this.#latest) return 0;
    const shown = new Set<TraceId>(this.#shown.map((trace) => trace.traceId));
    return this.#latest.reduce((count, trace) => count + (shown.has(trace.traceId) ? 0 : 1), 0);
  }

  /** While held, rows neither come, go nor move. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.release();
  }

  /** Shows what waits, held or not. */
  release(): void {
    this.#shown = this.#latest;
  }

  /** Takes the newest answer of the engine. */
  offer(traces: readonly TraceSummary[]): void {
    this.#latest = traces;
    if (!this.#held || this.#shown.length === 0) {
      this.release();
      return;
    }
    const fresh = new Map(traces.map((trace) => [trace.traceId, trace]));
    this.#shown = this.#shown.map((trace) => fresh.get(trace.traceId) ?? trace);
    // Older traces that a longer list brings go to the end, where they move nothing.
    const shown = new Set(this.#shown.map((trace) => trace.traceId));
    const oldest = this.#shown.at(-1);
    const place = oldest === undefined ? -1 : traces.findIndex((trace) => trace.traceId === oldest.traceId);
    if (place < 0) return;
    const older = traces.slice(place + 1).filter((trace) => !shown.has(trace.traceId));
    this.#shown = [...this.#shown, ...older];
  }
}
