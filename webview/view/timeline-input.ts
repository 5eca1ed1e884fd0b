import type { PauseBand, TraceColumns } from "../../src/model/trace.ts";
import type { Theme } from "../draw/theme.ts";
import type { Viewport } from "../layout/viewport.ts";

/** What the timeline shows; each `update` brings all of it. */
export interface TimelineInput {
  readonly columns: TraceColumns;
  readonly theme: Theme;
  readonly slotOfService: (service: number) => number;
  readonly selected: number | undefined;
  /** The span that the paused thread is in. */
  readonly active: number | undefined;
  readonly isHit: ((span: number) => boolean) | undefined;
  /** The clock's reach over running spans, in nanoseconds since the trace's start. */
  readonly edgeNs: () => number;
  readonly growing: boolean;
  /** The length of each of the trace's pauses by the clock on the wall, whatever the axis. */
  readonly pauseLengthNs: (band: number) => number;
  /** The zoom to begin with when this trace is shown first. */
  readonly restored: Viewport | undefined;
}

export interface TimelineEvents {
  selected(span: number | undefined, wish: { readonly reveal: boolean; readonly focus: boolean }): void;
  /** Undefined while the trace is shown whole. */
  zoomed(view: Viewport | undefined): void;
  measured(lengthNs: number): void;
  painted(columns: TraceColumns): void;
  /** The person wants to see where the debugger stood. */
  pauseOpened(band: PauseBand): void;
}
