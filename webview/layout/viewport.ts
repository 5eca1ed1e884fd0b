/** The stretch of a trace's time that is in view, in nanoseconds since the trace's start. */
export interface Viewport {
  readonly startNs: number;
  readonly endNs: number;
}

/** The shortest stretch that can fill the view: below 100 ns no clock of a program tells anything. */
const MIN_SPAN_NS = 100;

/** The whole trace. A trace without any duration still gets a microsecond, so that its spans have a place. */
export function fitViewport(durationNs: number): Viewport {
  return { startNs: 0, endNs: Math.max(durationNs, 1000) };
}

/** Moves and shrinks the wish into what the trace has; both edges stay within it. */
export function clampViewport(wish: Viewport, durationNs: number): Viewport {
  const whole = fitViewport(durationNs);
  const wanted = wish.endNs - wish.startNs;
  if (!Number.isFinite(wanted) || !Number.isFinite(wish.startNs)) return whole;
  const length = Math.min(Math.max(wanted, MIN_SPAN_NS), whole.endNs);
  const startNs = Math.min(Math.max(wish.startNs, 0), whole.endNs - length);
  return { startNs, endNs: startNs + length };
}

/** Zooms by a factor (over 1: closer) while `atNs` keeps its place on the screen. */
export function zoomViewport(view: Viewport, factor: number, atNs: number, durationNs: number): Viewport {
  const whole = fitViewport(durationNs);
  const length = view.endNs - view.startNs;
  const next = Math.min(Math.max(length / factor, MIN_SPAN_NS), whole.endNs);
  const startNs = atNs - ((atNs - view.startNs) / length) * next;
  return clampViewport({ startNs, endNs: startNs + next }, durationNs);
}

export function panViewport(view: Viewport, byNs: number, durationNs: number): Viewport {
  return clampViewport({ startNs: view.startNs + byNs, endNs: view.endNs + byNs }, durationNs);
}

/** A span with a twentieth of its length free on either side. */
export function viewportOfSpan(startNs: number, endNs: number, durationNs: number): Viewport {
  const margin = Math.max((endNs - startNs) * 0.05, MIN_SPAN_NS / 4);
  return clampViewport({ startNs: startNs - margin, endNs: endNs + margin }, durationNs);
}

/** Whether all of the trace is in view, and so a growing trace keeps being shown whole. */
export function isFit(view: Viewport, durationNs: number): boolean {
  const whole = fitViewport(durationNs);
  return view.startNs <= 0 && view.endNs >= whole.endNs * (1 - 1e-9);
}

export function xOfNs(view: Viewport, widthPx: number, ns: number): number {
  return ((ns - view.startNs) / (view.endNs - view.startNs)) * widthPx;
}

export function nsOfX(view: Viewport, widthPx: number, x: number): number {
  return view.startNs + (x / Math.max(widthPx, 1)) * (view.endNs - view.startNs);
}
