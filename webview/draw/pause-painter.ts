import { xOfNs } from "../layout/viewport.ts";
import { AXIS_HEIGHT_PX, type TimelineScene } from "./scene.ts";

const HATCH_STEP_PX = 8;
const HEAD_PX = 5;

/** The debugger's pauses as hatched bands under the bars. One that takes no room, as on a collapsed axis, is a seam. */
export function drawPauseBands(context: CanvasRenderingContext2D, scene: TimelineScene): void {
  const { view, widthPx, heightPx, theme, edgeNs } = scene;
  for (const { start, end } of scene.columns.pauses?.bands ?? []) {
    const x0 = Math.round(xOfNs(view, widthPx, start));
    const x1 = Math.round(xOfNs(view, widthPx, Math.min(end, Math.max(edgeNs, start))));
    if (x1 < 0 || x0 > widthPx) continue;
    context.save();
    context.strokeStyle = theme.warning;
    context.lineWidth = 1;
    context.globalAlpha = theme.highContrast ? 1 : 0.6;
    if (x1 - x0 < 2) context.setLineDash([2, 3]);
    else hatch(context, Math.max(x0, 0), Math.min(x1, widthPx), heightPx, theme.highContrast ? 0.6 : 0.28);
    context.beginPath();
    for (const x of x1 - x0 < 2 ? [x0] : [x0, x1]) {
      context.moveTo(x + 0.5, AXIS_HEIGHT_PX);
      context.lineTo(x + 0.5, heightPx);
    }
    context.stroke();
    context.restore();
  }
}

/** A line where the trace stands in the debugger now. */
export function drawPlayhead(context: CanvasRenderingContext2D, scene: TimelineScene): void {
  const { view, widthPx, heightPx, theme, edgeNs } = scene;
  const now = scene.columns.pauses?.bands.findLast(({ end }) => end === Infinity);
  if (now === undefined) return;
  const at = Math.round(xOfNs(view, widthPx, Math.min(now.start, edgeNs)));
  if (at < 0 || at > widthPx + 1) return;
  // The trace may end there: the head stays in view.
  const x = Math.min(at, widthPx - HEAD_PX);
  context.strokeStyle = theme.warning;
  context.fillStyle = theme.warning;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x, AXIS_HEIGHT_PX);
  context.lineTo(x, heightPx);
  context.stroke();
  context.beginPath();
  context.moveTo(x - HEAD_PX, AXIS_HEIGHT_PX - HEAD_PX);
  context.lineTo(x + HEAD_PX, AXIS_HEIGHT_PX - HEAD_PX);
  context.lineTo(x, AXIS_HEIGHT_PX + 2);
  context.closePath();
  context.fill();
}

/** Lines from the lower left to the upper right, at the same places whatever part of the band is in view. */
function hatch(
  context: CanvasRenderingContext2D,
  x0: number,
  x1: number,
  heightPx: number,
  alpha: number,
): void {
  const height = heightPx - AXIS_HEIGHT_PX;
  context.save();
  context.globalAlpha = alpha;
  context.beginPath();
  context.rect(x0, AXIS_HEIGHT_PX, x1 - x0, height);
  context.clip();
  context.beginPath();
  const first = Math.floor((x0 - height) / HATCH_STEP_PX) * HATCH_STEP_PX;
  for (let x = first; x < x1; x += HATCH_STEP_PX) {
    context.moveTo(x, heightPx);
    context.lineTo(x + height, AXIS_HEIGHT_PX);
  }
  context.stroke();
  context.restore();
}
