import { select, zoom, zoomIdentity, type D3ZoomEvent, type ZoomTransform } from "d3";
import { clampViewport, fitViewport, nsOfX, panViewport, type Viewport } from "../layout/viewport.ts";

/** What the gestures act on, and what they are told. */
export interface GestureTarget {
  widthPx(): number;
  durationNs(): number;
  viewport(): Viewport;
  moved(viewport: Viewport): void;
  scrolledBy(pixels: number): void;
  /** Undefined ends the measuring; the range that was last told stays. */
  measured(range: { readonly fromNs: number; readonly toNs: number }): void;
}

/** Closest zoom: d3 counts it from the whole trace, and a day may be looked at in steps of 100 ns. */
const MAX_ZOOM = 1e12;
/** Pixels that a hand may tremble between press and release of a click. */
const CLICK_TREMBLE_PX = 4;

/** Wheel, drag and pinch over the timeline by d3-zoom; shift and drag measures a range. */
export class TimelineGestures {
  readonly #element: HTMLElement;
  readonly #target: GestureTarget;
  readonly #zoom;
  #lastY = 0;
  #measuringFromNs: number | undefined;

  constructor(element: HTMLElement, target: GestureTarget) {
    this.#element = element;
    this.#target = target;
    this.#zoom = zoom<HTMLElement, unknown>()
      .scaleExtent([1, MAX_ZOOM])
      .clickDistance(CLICK_TREMBLE_PX)
      .extent(() => [
        [0, 0],
        [target.widthPx(), 1],
      ])
      .filter((event: MouseEvent | WheelEvent) => isZoomGesture(event))
      .constrain((transform) =>
        this.#transformOf(clampViewport(this.#viewportOf(transform), target.durationNs()), transform.y),
      )
      .on("start", () => (this.#lastY = this.#current().y))
      .on("zoom", (event: D3ZoomEvent<HTMLElement, unknown>) => this.#zoomed(event));
    select(element).call(this.#zoom).on("dblclick.zoom", null);
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    element.addEventListener("pointerdown", (event) => this.#startMeasuring(event));
    element.addEventListener("pointermove", (event) => this.#measure(event));
    element.addEventListener("pointerup", () => (this.#measuringFromNs = undefined));
    element.addEventListener("pointercancel", () => (this.#measuringFromNs = undefined));
  }

  get measuring(): boolean {
    return this.#measuringFromNs !== undefined;
  }

  /** Tells d3 where the view is after something else moved it, so that the next gesture starts from there. */
  sync(): void {
    select(this.#element).property("__zoom", this.#transformOf(this.#target.viewport(), this.#lastY));
  }

  #zoomed(event: D3ZoomEvent<HTMLElement, unknown>): void {
    const source = event.sourceEvent as Event | null;
    if (source === null) return;
    const { transform } = event;
    const dragged = source.type === "mousemove" || source.type === "touchmove";
    if (dragged) this.#target.scrolledBy(this.#lastY - transform.y);
    this.#lastY = transform.y;
    this.#target.moved(this.#viewportOf(transform));
  }

  /** d3 zooms with the wheel; sideways and with shift or alt it pans along time or over the lanes. */
  #wheel(event: WheelEvent): void {
    if (isZoomGesture(event)) return;
    event.preventDefault();
    if (event.shiftKey || event.altKey) {
      this.#target.scrolledBy(event.deltaY === 0 ? event.deltaX : event.deltaY);
      return;
    }
    const viewport = this.#target.viewport();
    const byNs = (event.deltaX / this.#target.widthPx()) * (viewport.endNs - viewport.startNs);
    this.#target.moved(panViewport(viewport, byNs, this.#target.durationNs()));
    this.sync();
  }

  #startMeasuring(event: PointerEvent): void {
    if (!event.shiftKey || event.button !== 0) return;
    this.#measuringFromNs = this.#nsOf(event);
    this.#element.setPointerCapture(event.pointerId);
  }

  #measure(event: PointerEvent): void {
    if (this.#measuringFromNs === undefined) return;
    this.#target.measured({ fromNs: this.#measuringFromNs, toNs: this.#nsOf(event) });
  }

  #nsOf(event: PointerEvent): number {
    const x = event.clientX - this.#element.getBoundingClientRect().left;
    return nsOfX(this.#target.viewport(), this.#target.widthPx(), x);
  }

  #current(): ZoomTransform {
    return select(this.#element).property("__zoom") as ZoomTransform;
  }

  #viewportOf(transform: ZoomTransform): Viewport {
    const widthPx = this.#target.widthPx();
    const durationNs = this.#target.durationNs();
    const nsPerPixel = fitViewport(durationNs).endNs / Math.max(widthPx, 1) / transform.k;
    return { startNs: -transform.x * nsPerPixel, endNs: (widthPx - transform.x) * nsPerPixel };
  }

  #transformOf(view: Viewport, y: number): ZoomTransform {
    const length = view.endNs - view.startNs;
    const scale = fitViewport(this.#target.durationNs()).endNs / length;
    return zoomIdentity.translate((-view.startNs / length) * this.#target.widthPx(), y).scale(scale);
  }
}

function isZoomGesture(event: MouseEvent | WheelEvent): boolean {
  if (event.type === "wheel") {
    const { deltaX, deltaY } = event as WheelEvent;
    if (event.ctrlKey) return true;
    return !event.shiftKey && !event.altKey && Math.abs(deltaX) <= Math.abs(deltaY);
  }
  // Ctrl and click goes to the source, shift and drag measures.
  return event.button === 0 && !event.shiftKey && !event.ctrlKey && !event.metaKey;
}
