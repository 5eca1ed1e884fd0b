import { formatDuration } from "../../src/base/time.ts";
import { xOfNs } from "../layout/viewport.ts";
import { AXIS_HEIGHT_PX, BAR_HEIGHT_PX, barTop, type TimelineScene } from "./scene.ts";

/** The selected stretch of time with its length written over it. */
export function drawRange(context: CanvasRenderingContext2D, scene: TimelineScene): void {
  const { range, theme, view, widthPx, heightPx } = scene;
  if (range === undefined) return;
  const x0 = xOfNs(view, widthPx, Math.min(range.fromNs, range.toNs));
  const x1 = xOfNs(view, widthPx, Math.max(range.fromNs, range.toNs));
  context.fillStyle = theme.selection;
  context.globalAlpha = 0.35;
  context.fillRect(x0, AXIS_HEIGHT_PX, x1 - x0, heightPx - AXIS_HEIGHT_PX);
  context.globalAlpha = 1;
  context.strokeStyle = theme.focus;
  context.lineWidth = 1;
  context.strokeRect(Math.round(x0) + 0.5, AXIS_HEIGHT_PX - 0.5, Math.round(x1 - x0), heightPx);
  const text = formatDuration(Math.abs(range.toNs - range.fromNs));
  drawTag(context, scene, text, (x0 + x1) / 2, heightPx - 16, theme.focus);
}

/** A line at each time that the person marked. */
export function drawMarks(context: CanvasRenderingContext2D, scene: TimelineScene): void {
  const { theme, view, widthPx, heightPx } = scene;
  for (const ns of scene.marksNs) {
    const x = Math.round(xOfNs(view, widthPx, ns)) + 0.5;
    if (x < 0 || x > widthPx) continue;
    context.strokeStyle = theme.warning;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, AXIS_HEIGHT_PX);
    context.lineTo(x, heightPx);
    context.stroke();
    drawTag(context, scene, formatDuration(ns), x, heightPx - 16, theme.warning);
  }
}

/** An arrow into the bar of the span that the paused thread is in, as the editor has one beside its line. */
export function drawActiveMark(context: CanvasRenderingContext2D, scene: TimelineScene): void {
  const { active, columns, lanes, theme, view, widthPx, scrollTopPx } = scene;
  if (active === undefined) return;
  const x = Math.min(Math.max(xOfNs(view, widthPx, columns.start[active] ?? 0), 0), widthPx - 14);
  const y = barTop(lanes.lane[active] ?? 0, scrollTopPx);
  const middle = y + BAR_HEIGHT_PX / 2;
  context.fillStyle = theme.stackFrame;
  context.strokeStyle = theme.background;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x + 1, y + 4);
  context.lineTo(x + 7, y + 4);
  context.lineTo(x + 13, middle);
  context.lineTo(x + 7, y + BAR_HEIGHT_PX - 4);
  context.lineTo(x + 1, y + BAR_HEIGHT_PX - 4);
  context.closePath();
  context.fill();
  context.stroke();
}

function drawTag(
  context: CanvasRenderingContext2D,
  { theme, widthPx }: TimelineScene,
  text: string,
  middleX: number,
  middleY: number,
  color: string,
): void {
  const width = context.measureText(text).width + 12;
  const left = Math.min(Math.max(middleX - width / 2, 2), widthPx - width - 2);
  context.fillStyle = theme.background;
  context.strokeStyle = color;
  context.beginPath();
  context.roundRect(left, middleY - 10, width, 20, 2);
  context.fill();
  context.stroke();
  context.fillStyle = theme.foreground;
  context.fillText(text, left + 6, middleY);
}
