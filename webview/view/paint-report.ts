import type { TraceColumns } from "../../src/model/trace.ts";

/** Tells once of each version of a trace that it is on the screen. */
export class PaintReport {
  readonly #painted: (columns: TraceColumns) => void;
  #told = "";

  constructor(painted: (columns: TraceColumns) => void) {
    this.#painted = painted;
  }

  /** Called in the frame in which it was drawn. */
  drawn(columns: TraceColumns): void {
    const version = `${columns.traceId} ${columns.version}`;
    if (version === this.#told) return;
    this.#told = version;
    // A task after this frame's callbacks runs when the frame has been handed to the screen.
    requestAnimationFrame(() => setTimeout(() => this.#painted(columns), 0));
  }
}
