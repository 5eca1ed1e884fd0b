import type { TraceColumns } from "../../src/model/trace.ts";
import type { LaneLayout } from "./lanes.ts";
import { type Viewport } from "./viewport.ts";

const STATUS_ERROR = 2;

/** What is to be drawn, as columns: the bars in view, and where bars are narrower than a pixel their density. */
export class BarBuffer {
  count = 0;
  /** Pixels from the left of the view; a bar may begin and end outside of it. */
  x0 = new Float32Array(1024);
  x1 = new Float32Array(1024);
  lane = new Uint32Array(1024);
  /** The span; of a strip, its longest. */
  span = new Uint32Array(1024);
  /** 0 for a bar of its own; of a strip, how much of it is covered, from 1 to 255. */
  density = new Uint8Array(1024);
  /** 1 where the span, or any span of the strip, failed. */
  error = new Uint8Array(1024);

  push(x0: number, x1: number, lane: number, span: number, density: number, error: number): void {
    const at = this.count;
    if (at === this.x0.length) this.#grow();
    this.x0[at] = x0;
    this.x1[at] = x1;
    this.lane[at] = lane;
    this.span[at] = span;
    this.density[at] = density;
    this.error[at] = error;
    this.count = at + 1;
  }

  #grow(): void {
    const length = this.x0.length * 2;
    for (const name of ["x0", "x1"] as const) this[name] = copied(new Float32Array(length), this[name]);
    for (const name of ["lane", "span"] as const) this[name] = copied(new Uint32Array(length), this[name]);
    for (const name of ["density", "error"] as const) this[name] = copied(new Uint8Array(length), this[name]);
  }
}

function copied<T extends Float32Array | Uint32Array | Uint8Array>(into: T, from: T): T {
  into.set(from);
  return into;
}

/** What {@link buildBars} looks at. Lanes are counted from the top, `lastLane` is drawn too. */
export interface BarWindow {
  readonly view: Viewport;
  readonly widthPx: number;
  readonly firstLane: number;
  readonly lastLane: number;
  /** How far running spans reach, in nanoseconds since the trace's start. */
  readonly edgeNs: number;
}

/**
 * Fills `into` with what is in the window. Bars at least a pixel wide stand for themselves; narrower ones are summed up
 * by pixel, so that none vanishes and an error among a thousand still shows.
 */
export function buildBars(
  columns: TraceColumns,
  lanes: LaneLayout,
  window: BarWindow,
  into: BarBuffer,
): void {
  into.count = 0;
  const last = Math.min(window.lastLane, lanes.laneCount - 1);
  for (let lane = Math.max(0, window.firstLane); lane <= last; lane += 1) {
    buildLane(columns, lanes, window, lane, into);
  }
}

function buildLane(
  columns: TraceColumns,
  lanes: LaneLayout,
  window: BarWindow,
  lane: number,
  into: BarBuffer,
): void {
  const { view, widthPx, edgeNs } = window;
  const { start, end, status } = columns;
  const { order } = lanes;
  const pixelsPerNs = widthPx / (view.endNs - view.startNs);
  const stop = lanes.laneStart[lane + 1] ?? 0;
  let strip = -1;
  let stripSpan = 0;
  let stripLongest = 0;
  let stripCovered = 0;
  let stripError = 0;
  const firstOfLane = into.count;

  const flush = (): void => {
    if (strip < 0) return;
    const density = Math.min(255, Math.max(1, Math.round(stripCovered * 255)));
    pushStrip(columns, into, firstOfLane, strip, lane, stripSpan, density, stripError);
    strip = -1;
  };

  for (let at = firstInView(columns, lanes, lane, view.startNs, edgeNs); at < stop; at += 1) {
    const span = order[at] ?? 0;
    const from = start[span] ?? 0;
    if (from > view.endNs) break;
    const until = end[span] ?? Number.NaN;
    const to = Number.isNaN(until) ? Math.max(edgeNs, from) : Math.max(until, from);
    const x0 = (from - view.startNs) * pixelsPerNs;
    const width = (to - from) * pixelsPerNs;
    const error = status[span] === STATUS_ERROR ? 1 : 0;
    if (width >= 1) {
      flush();
      into.push(x0, x0 + width, lane, span, 0, error);
      continue;
    }
    const pixel = Math.floor(Math.max(x0, 0));
    if (pixel !== strip) {
      flush();
      strip = pixel;
      stripLongest = -1;
      stripCovered = 0;
      stripError = 0;
    }
    stripCovered += width;
    stripError |= error;
    if (width > stripLongest) {
      stripLongest = width;
      stripSpan = span;
    }
  }
  flush();
}

/** Pixels beside each other that look alike become one strip: fewer rectangles, the same picture. */
function pushStrip(
  columns: TraceColumns,
  into: BarBuffer,
  firstOfLane: number,
  pixel: number,
  lane: number,
  span: number,
  density: number,
  error: number,
): void {
  const before = into.count - 1;
  const alike =
    before >= firstOfLane &&
    (into.density[before] ?? 0) >> 6 === density >> 6 &&
    (into.density[before] ?? 0) > 0 &&
    into.error[before] === error &&
    into.x1[before] === pixel &&
    columns.service[into.span[before] ?? 0] === columns.service[span];
  if (alike) into.x1[before] = pixel + 1;
  else into.push(pixel, pixel + 1, lane, span, density, error);
}

/** The place in `order` of the lane's first bar that ends at or after `ns`. */
function firstInView(
  columns: TraceColumns,
  lanes: LaneLayout,
  lane: number,
  ns: number,
  edgeNs: number,
): number {
  let low = lanes.laneStart[lane] ?? 0;
  let high = lanes.laneStart[lane + 1] ?? 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    const span = lanes.order[middle] ?? 0;
    const until = columns.end[span] ?? Number.NaN;
    const reached = Math.max(Number.isNaN(until) ? edgeNs : until, columns.start[span] ?? 0);
    if (reached < ns) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The span of a lane that lies at `ns`, or nearest to it within `toleranceNs`; undefined where none does. */
export function spanAt(
  columns: TraceColumns,
  lanes: LaneLayout,
  lane: number,
  ns: number,
  toleranceNs: number,
  edgeNs: number,
): number | undefined {
  if (lane < 0 || lane >= lanes.laneCount) return undefined;
  const stop = lanes.laneStart[lane + 1] ?? 0;
  let nearest: number | undefined;
  let least = Infinity;
  for (let at = firstInView(columns, lanes, lane, ns - toleranceNs, edgeNs); at < stop; at += 1) {
    const span = lanes.order[at] ?? 0;
    const from = columns.start[span] ?? 0;
    if (from > ns + toleranceNs) break;
    const until = columns.end[span] ?? Number.NaN;
    const to = Math.max(Number.isNaN(until) ? edgeNs : until, from);
    const distance = ns < from ? from - ns : ns > to ? ns - to : 0;
    if (distance < least) {
      least = distance;
      nearest = span;
    }
    if (distance === 0) break;
  }
  return nearest;
}
