import { BAR_HEIGHT_PX } from "./scene.ts";
import type { Theme } from "./theme.ts";

/** The width of the error mark at a bar's left end. */
export const ERROR_MARK_PX = 16;

/** A red field with a cross: read without its colour too. */
export function drawErrorMark(context: CanvasRenderingContext2D, theme: Theme, x: number, y: number): void {
  context.fillStyle = theme.error;
  context.beginPath();
  context.roundRect(x, y, ERROR_MARK_PX, BAR_HEIGHT_PX, 2);
  context.fill();
  const middleX = x + ERROR_MARK_PX / 2;
  const middleY = y + BAR_HEIGHT_PX / 2;
  const arm = 3;
  context.strokeStyle = theme.background;
  context.lineWidth = 1.75;
  context.beginPath();
  context.moveTo(middleX - arm, middleY - arm);
  context.lineTo(middleX + arm, middleY + arm);
  context.moveTo(middleX + arm, middleY - arm);
  context.lineTo(middleX - arm, middleY + arm);
  context.stroke();
}

/** For bars and strips too narrow for the cross: a red column that sticks out above the bar like a flag. */
export function drawErrorNotch(
  context: CanvasRenderingContext2D,
  theme: Theme,
  x0: number,
  x1: number,
  y: number,
): void {
  context.fillStyle = theme.error;
  context.fillRect(x0, y - 1, Math.min(Math.max(x1 - x0, 2), 3), BAR_HEIGHT_PX + 2);
  context.beginPath();
  context.moveTo(x0 - 2, y - 2);
  context.lineTo(x0 + 5, y - 2);
  context.lineTo(x0 + 1.5, y + 4);
  context.closePath();
  context.fill();
}

/** The moving end of a span that runs: a dashed front and an arrow. */
export function drawRunningEdge(context: CanvasRenderingContext2D, theme: Theme, x: number, y: number): void {
  context.strokeStyle = theme.warning;
  context.lineWidth = 2;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(x - 1, y);
  context.lineTo(x - 1, y + BAR_HEIGHT_PX);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = theme.warning;
  context.beginPath();
  context.moveTo(x - 9, y + BAR_HEIGHT_PX / 2 - 4);
  context.lineTo(x - 3, y + BAR_HEIGHT_PX / 2);
  context.lineTo(x - 9, y + BAR_HEIGHT_PX / 2 + 4);
  context.closePath();
  context.fill();
}

/** The torn end of a span that its process did not live to end. */
export function drawLostEdge(context: CanvasRenderingContext2D, theme: Theme, x: number, y: number): void {
  const teeth = 5;
  const step = BAR_HEIGHT_PX / teeth;
  context.fillStyle = theme.background;
  context.strokeStyle = theme.foreground;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x + 1, y);
  for (let tooth = 0; tooth <= teeth; tooth += 1) {
    context.lineTo(x - (tooth % 2 === 0 ? 1 : 5), y + tooth * step);
  }
  context.lineTo(x + 1, y + BAR_HEIGHT_PX);
  context.fill();
  context.stroke();
}
