import { BarBuffer, buildBars } from "../layout/bars.ts";
import { layoutTicks } from "../layout/axis.ts";
import { xOfNs } from "../layout/viewport.ts";
import { BarPainter } from "./bar-painter.ts";
import { drawActiveMark, drawMarks, drawRange } from "./overlay-painter.ts";
import { drawPauseBands, drawPlayhead } from "./pause-painter.ts";
import { AXIS_HEIGHT_PX, lanesInView, type TimelineScene } from "./scene.ts";
import { TextMeasure } from "./text-measure.ts";

/** Draws a timeline onto a canvas; keeps buffers and text widths from frame to frame. */
export class TimelinePainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #measure: TextMeasure;
  readonly #bars = new BarBuffer();
  readonly #barPainter: BarPainter;

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
    this.#measure = new TextMeasure(context);
    this.#barPainter = new BarPainter(context, this.#measure);
  }

  /** @param pixelRatio device pixels per CSS pixel; the canvas has that many times the scene's size. */
  draw(scene: TimelineScene, pixelRatio: number): void {
    const context = this.#context;
    const { theme, widthPx, heightPx, view } = scene;
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    context.clearRect(0, 0, widthPx, heightPx);
    this.#measure.use(`${theme.fontSizePx - 1}px ${theme.fontFamily}`);
    context.textBaseline = "middle";
    const ticks = layoutTicks(view, widthPx).map((tick) => ({
      label: tick.label,
      x: Math.round(xOfNs(view, widthPx, tick.ns)) + 0.5,
    }));
    this.#drawGrid(scene, ticks);
    drawPauseBands(context, scene);

    const { first, last } = lanesInView(scene.scrollTopPx, heightPx);
    buildBars(
      scene.columns,
      scene.lanes,
      { view, widthPx, firstLane: first, lastLane: last, edgeNs: scene.edgeNs },
      this.#bars,
    );
    context.save();
    context.beginPath();
    context.rect(0, AXIS_HEIGHT_PX, widthPx, heightPx - AXIS_HEIGHT_PX);
    context.clip();
    this.#barPainter.draw(scene, this.#bars);
    drawActiveMark(context, scene);
    context.restore();
    drawRange(context, scene);
    drawMarks(context, scene);
    this.#drawAxis(scene, ticks);
    drawPlayhead(context, scene);
  }

  #drawGrid(scene: TimelineScene, ticks: readonly { readonly x: number }[]): void {
    const context = this.#context;
    context.strokeStyle = scene.theme.line;
    context.lineWidth = 1;
    context.globalAlpha = scene.theme.highContrast ? 0.35 : 0.7;
    context.beginPath();
    for (const { x } of ticks) {
      context.moveTo(x, AXIS_HEIGHT_PX);
      context.lineTo(x, scene.heightPx);
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  #drawAxis(scene: TimelineScene, ticks: readonly { readonly x: number; readonly label: string }[]): void {
    const context = this.#context;
    const { theme, widthPx } = scene;
    context.fillStyle = theme.dim;
    this.#measure.use(`${Math.max(theme.fontSizePx - 2, 9)}px ${theme.fontFamily}`);
    for (const { x, label } of ticks) {
      const width = this.#measure.widthOf(label);
      // A label at the edge moves inwards as long as its tick is in view.
      const left = Math.min(Math.max(x - width / 2, 4), widthPx - width - 4);
      context.fillText(label, left, AXIS_HEIGHT_PX / 2);
    }
    context.strokeStyle = theme.line;
    context.beginPath();
    context.moveTo(0, AXIS_HEIGHT_PX - 0.5);
    context.lineTo(widthPx, AXIS_HEIGHT_PX - 0.5);
    context.stroke();
  }
}
