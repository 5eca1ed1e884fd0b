import { SPAN_STATES, SPAN_STATUSES, type SpanState, type SpanStatus } from "../../src/model/span.ts";
import type { BarBuffer } from "../layout/bars.ts";
import { fitLabel } from "../layout/fit-label.ts";
import { spanLabel } from "../layout/span-label.ts";
import { xOfNs } from "../layout/viewport.ts";
import { BAR_HEIGHT_PX, barTop, LANE_HEIGHT_PX, type TimelineScene } from "./scene.ts";
import { drawErrorMark, drawErrorNotch, drawLostEdge, drawRunningEdge, ERROR_MARK_PX } from "./span-marks.ts";
import type { TextMeasure } from "./text-measure.ts";

const ERROR = SPAN_STATUSES.indexOf("error" satisfies SpanStatus);
const RUNNING = SPAN_STATES.indexOf("running" satisfies SpanState);
const LOST = SPAN_STATES.indexOf("lost" satisfies SpanState);
const PADDING_PX = 5;
/** Narrower bars get no label: three characters and the padding need more. */
const MIN_LABEL_PX = 24;
const CORNER_PX = 2;
/** The mark of the span that the paused thread is in stands where its label begins. */
const ACTIVE_MARK_PX = 18;
/** Bars narrower than this are plain rectangles: rounded ones would be all corner, and cost ten times as much. */
const MIN_ROUNDED_PX = 6;

/** Draws the bars of a timeline with their labels and marks. */
export class BarPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #measure: TextMeasure;

  constructor(context: CanvasRenderingContext2D, measure: TextMeasure) {
    this.#context = context;
    this.#measure = measure;
  }

  draw(scene: TimelineScene, bars: BarBuffer): void {
    this.#drawMissingParents(scene);
    for (let bar = 0; bar < bars.count; bar += 1) this.#fill(scene, bars, bar);
    this.#context.globalAlpha = 1;
    for (let bar = 0; bar < bars.count; bar += 1) {
      if ((bars.x1[bar] ?? 0) - (bars.x0[bar] ?? 0) >= MIN_LABEL_PX) this.#label(scene, bars, bar);
    }
    for (let bar = 0; bar < bars.count; bar += 1) this.#mark(scene, bars, bar);
    this.#outline(scene, scene.hovered, scene.theme.foreground, 1);
    this.#outline(scene, scene.selected, scene.theme.focus, 2);
  }

  #fill(scene: TimelineScene, bars: BarBuffer, bar: number): void {
    const context = this.#context;
    const span = bars.span[bar] ?? 0;
    const { columns, theme } = scene;
    const y = barTop(bars.lane[bar] ?? 0, scene.scrollTopPx);
    const x0 = Math.max(bars.x0[bar] ?? 0, -8);
    const x1 = Math.min(bars.x1[bar] ?? 0, scene.widthPx + 8);
    const density = bars.density[bar] ?? 0;
    context.fillStyle = theme.services[scene.slotOfService(columns.service[span] ?? 0)]?.fill ?? theme.dim;
    context.globalAlpha = fillAlpha(scene, span, density);
    // A pixel of air on the right keeps neighbours apart, unless there is not more than a pixel.
    const width = x1 - x0 > 3 ? x1 - x0 - 1 : Math.max(x1 - x0, 1);
    if (density > 0 || width < MIN_ROUNDED_PX) {
      context.fillRect(x0, y, width, BAR_HEIGHT_PX);
      return;
    }
    context.beginPath();
    context.roundRect(x0, y, width, BAR_HEIGHT_PX, CORNER_PX);
    context.fill();
    if (theme.border === undefined) return;
    context.strokeStyle = theme.border;
    context.lineWidth = 1;
    context.strokeRect(Math.round(x0) + 0.5, y + 0.5, width - 1, BAR_HEIGHT_PX - 1);
  }

  #label(scene: TimelineScene, bars: BarBuffer, bar: number): void {
    const context = this.#context;
    const span = bars.span[bar] ?? 0;
    const { columns, theme } = scene;
    const failed = bars.error[bar] === 1;
    const start = Math.max(bars.x0[bar] ?? 0, 0);
    const mark = failed ? ERROR_MARK_PX + 4 : PADDING_PX;
    const left = start + (span === scene.active ? Math.max(mark, ACTIVE_MARK_PX) : mark);
    const right = Math.min(bars.x1[bar] ?? 0, scene.widthPx) - PADDING_PX;
    const name = spanLabel(columns, span);
    const text = fitLabel(name === "" ? "(no name)" : name, right - left, this.#measure.widthOf);
    if (text === "") return;
    const service = theme.services[scene.slotOfService(columns.service[span] ?? 0)];
    const faint = fillAlpha(scene, span, 0) < 0.6;
    context.fillStyle = faint ? theme.foreground : (service?.text ?? theme.foreground);
    context.fillText(text, left, barTop(bars.lane[bar] ?? 0, scene.scrollTopPx) + BAR_HEIGHT_PX / 2 + 0.5);
  }

  #mark(scene: TimelineScene, bars: BarBuffer, bar: number): void {
    const span = bars.span[bar] ?? 0;
    const x0 = bars.x0[bar] ?? 0;
    const x1 = bars.x1[bar] ?? 0;
    const y = barTop(bars.lane[bar] ?? 0, scene.scrollTopPx);
    if (bars.error[bar] === 1) {
      const wide = bars.density[bar] === 0 && x1 - Math.max(x0, 0) >= ERROR_MARK_PX + 6;
      if (wide) drawErrorMark(this.#context, scene.theme, Math.max(x0, 0), y);
      else drawErrorNotch(this.#context, scene.theme, Math.max(x0, 0), Math.max(x1, x0 + 1), y);
    }
    if ((bars.density[bar] ?? 0) > 0) return;
    const state = scene.columns.state[span];
    if (state === RUNNING && x1 <= scene.widthPx + 1) drawRunningEdge(this.#context, scene.theme, x1, y);
    if (state === LOST && x1 <= scene.widthPx + 1) drawLostEdge(this.#context, scene.theme, x1, y);
  }

  /** A dashed place over spans whose parent never arrived. */
  #drawMissingParents(scene: TimelineScene): void {
    const context = this.#context;
    const { lanes, theme, view, widthPx } = scene;
    context.setLineDash([4, 3]);
    context.lineWidth = 1;
    for (let i = 0; i < lanes.orphans.length; i += 1) {
      const y = barTop((lanes.lane[lanes.orphans[i] ?? 0] ?? 1) - 1, scene.scrollTopPx);
      if (y < -LANE_HEIGHT_PX || y > scene.heightPx) continue;
      const end = lanes.orphanEnd[i] ?? 0;
      const x0 = Math.max(xOfNs(view, widthPx, lanes.orphanStart[i] ?? 0), -8);
      const x1 = Math.min(xOfNs(view, widthPx, Number.isFinite(end) ? end : scene.edgeNs), widthPx + 8);
      if (x1 < 0 || x0 > widthPx) continue;
      context.strokeStyle = theme.dim;
      context.strokeRect(
        Math.round(x0) + 0.5,
        y + 0.5,
        Math.max(Math.round(x1 - x0) - 2, 1),
        BAR_HEIGHT_PX - 1,
      );
      const left = Math.max(x0, 0) + PADDING_PX;
      const text = fitLabel(
        "missing parent",
        Math.min(x1, widthPx) - PADDING_PX - left,
        this.#measure.widthOf,
      );
      context.fillStyle = theme.dim;
      if (text !== "") context.fillText(text, left, y + BAR_HEIGHT_PX / 2 + 0.5);
    }
    context.setLineDash([]);
  }

  #outline(scene: TimelineScene, span: number | undefined, color: string, widthPx: number): void {
    if (span === undefined || span >= scene.columns.spanCount) return;
    const context = this.#context;
    const { columns, view } = scene;
    const end = columns.end[span] ?? Number.NaN;
    const start = columns.start[span] ?? 0;
    const x0 = Math.max(xOfNs(view, scene.widthPx, start), -8);
    const to = Number.isNaN(end) ? scene.edgeNs : Math.max(end, start);
    const x1 = Math.min(xOfNs(view, scene.widthPx, to), scene.widthPx + 8);
    if (x1 < -4 || x0 > scene.widthPx + 4) return;
    const y = barTop(scene.lanes.lane[span] ?? 0, scene.scrollTopPx);
    context.strokeStyle = color;
    context.lineWidth = widthPx;
    context.beginPath();
    context.roundRect(x0 - 0.5, y - 0.5, Math.max(x1 - x0, 3), BAR_HEIGHT_PX + 1, CORNER_PX);
    context.stroke();
    if (widthPx < 2) return;
    // A thin line of the background inside keeps the frame visible on a bar of the frame's own colour.
    context.strokeStyle = scene.theme.background;
    context.lineWidth = 1;
    if (x1 - x0 > 8) context.strokeRect(x0 + 1, y + 1, x1 - x0 - 3, BAR_HEIGHT_PX - 2);
  }
}

function fillAlpha(scene: TimelineScene, span: number, density: number): number {
  const { columns } = scene;
  if (scene.isHit !== undefined && !scene.isHit(span)) return 0.28;
  // Even the emptiest strip has to be seen; full ones stay a shade under a bar.
  if (density > 0) return 0.45 + 0.45 * (density / 255);
  if (columns.state[span] === RUNNING) return 0.72;
  return columns.status[span] === ERROR ? 0.9 : 1;
}
