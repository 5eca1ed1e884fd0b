import type { TraceColumns } from "../../src/model/trace.ts";
import { AXIS_HEIGHT_PX, LANE_HEIGHT_PX, type TimelineScene } from "../draw/scene.ts";
import { TimelinePainter } from "../draw/timeline-painter.ts";
import { spanAt } from "../layout/bars.ts";
import { layoutLanesInSteps, type LaneLayout } from "../layout/lanes.ts";
import { endOf } from "../layout/self-time.ts";
import { layoutSiblingPlaces, type SiblingPlaces } from "../layout/sibling-places.ts";
import { runInSlices } from "../layout/slices.ts";
import {
  clampViewport,
  fitViewport,
  isFit,
  nsOfX,
  viewportOfSpan,
  zoomViewport,
  type Viewport,
} from "../layout/viewport.ts";
import { PaintReport } from "./paint-report.ts";
import { PausePlaces } from "./pause-places.ts";
import type { TimelineEvents, TimelineInput } from "./timeline-input.ts";
import { TimelineGestures } from "./timeline-gestures.ts";
import { spanContext } from "./span-context.ts";
import { renderSpansOverlay, spanElementId } from "./spans-overlay.ts";
import { spanTooltip } from "./span-tooltip.ts";
import { Tooltip } from "./tooltip.ts";

/** Bars this near to the pointer are meant by it, in pixels. */
const POINTER_TOLERANCE_PX = 3;
/** The accessible elements follow when the view has come to rest. */
const SETTLE_MS = 100;
/** Running spans move in steps of a second where the person asked for less motion. */
const REDUCED_MOTION_MS = 1000;
const ZOOM_STEP = 1.6;

/** The flame graph: a canvas, its gestures, and the tree of accessible elements over it. */
export class Timeline {
  readonly element = document.createElement("div");
  readonly #events: TimelineEvents;
  readonly #canvas = document.createElement("canvas");
  readonly #tree = document.createElement("div");
  readonly #tooltip = new Tooltip();
  readonly #pauses: PausePlaces;
  readonly #paintReport: PaintReport;
  readonly #painter: TimelinePainter | undefined;
  readonly #gestures: TimelineGestures;
  readonly #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  /** What is shown, and what is to be shown as soon as it is laid out. */
  #input: TimelineInput | undefined;
  #next: TimelineInput | undefined;
  #layingOut: TraceColumns | undefined;
  #endLayout: () => void = () => undefined;
  #shownSelection: number | undefined;
  #lanes: LaneLayout | undefined;
  #places: SiblingPlaces | undefined;
  #view: Viewport = fitViewport(0);
  #fit = true;
  #widthPx = 0;
  #heightPx = 0;
  /** What the pauses' buttons take of it. */
  #pausesHeightPx = 0;
  #hovered: number | undefined;
  #range: { fromNs: number; toNs: number } | undefined;
  #marksNs: readonly number[] = [];
  #pointerNs: number | undefined;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(events: TimelineEvents) {
    this.#events = events;
    this.#pauses = new PausePlaces((band) => events.pauseOpened(band));
    this.#paintReport = new PaintReport((columns) => events.painted(columns));
    this.element.className = "timeline";
    this.#canvas.setAttribute("aria-hidden", "true");
    this.#tree.className = "span-places";
    this.#tree.setAttribute("role", "tree");
    this.#tree.setAttribute("aria-label", "Spans");
    this.#tree.tabIndex = 0;
    this.element.append(this.#canvas, this.#tree, this.#pauses.element, this.#tooltip.element);
    const context = this.#canvas.getContext("2d");
    this.#painter = context === null ? undefined : new TimelinePainter(context);
    this.#gestures = new TimelineGestures(this.element, {
      widthPx: () => this.#widthPx,
      durationNs: () => this.#durationNs(),
      viewport: () => this.#view,
      moved: (view) => this.#move(view),
      scrolledBy: (pixels) => (this.element.scrollTop += pixels),
      measured: (range) => {
        this.#range = range;
        this.#events.measured(Math.abs(range.toNs - range.fromNs));
        this.#requestFrame();
      },
    });
    new ResizeObserver(() => this.#resize()).observe(this.element);
    this.#listen();
  }

  /** Until a large trace is laid out, the picture before it stays. */
  update(input: TimelineInput): void {
    this.#next = input;
    if (input.columns === this.#input?.columns) {
      this.#endLayout();
      this.#layingOut = undefined;
      this.#show(input);
    } else if (input.columns !== this.#layingOut) {
      this.#endLayout();
      this.#layingOut = input.columns;
      this.#endLayout = runInSlices(layoutLanesInSteps(input.columns), (lanes) => {
        this.#layingOut = undefined;
        const before = this.#input;
        const next = this.#next ?? input;
        this.#input = next;
        this.#take(lanes, next, before);
        this.#show(next);
      });
    }
  }

  #show(input: TimelineInput): void {
    const selected = this.#shownSelection;
    this.#input = input;
    this.#shownSelection = input.selected;
    if (selected !== input.selected) this.#bringIntoView(input.selected);
    this.#tree.setAttribute("aria-activedescendant", this.#activeId(input));
    this.#requestFrame();
    if (selected !== input.selected || input.growing) this.#settleSoon();
  }

  focus(): void {
    this.#tree.focus({ preventScroll: true });
  }

  zoomFit(): void {
    this.#move(fitViewport(this.#durationNs()));
    this.#gestures.sync();
  }

  zoomBy(direction: "in" | "out"): void {
    const { startNs, endNs } = this.#view;
    const factor = direction === "in" ? ZOOM_STEP : 1 / ZOOM_STEP;
    this.#move(zoomViewport(this.#view, factor, (startNs + endNs) / 2, this.#durationNs()));
    this.#gestures.sync();
  }

  zoomToSpan(span: number): void {
    const columns = this.#input?.columns;
    if (columns === undefined) return;
    const start = columns.start[span] ?? 0;
    this.#move(viewportOfSpan(start, endOf(columns, span, this.#edgeNs()), this.#durationNs()));
    this.#gestures.sync();
  }

  /** Marks the time under the pointer, or where the selected span begins; again takes the mark away. */
  toggleMark(): number | undefined {
    const selected = this.#input?.selected;
    const ns = this.#pointerNs ?? (selected === undefined ? undefined : this.#input?.columns.start[selected]);
    if (ns === undefined) return undefined;
    const nearNs = ((this.#view.endNs - this.#view.startNs) / Math.max(this.#widthPx, 1)) * 4;
    const others = this.#marksNs.filter((mark) => Math.abs(mark - ns) > nearNs);
    this.#marksNs = others.length < this.#marksNs.length ? others : [...others, ns];
    this.#requestFrame();
    return ns;
  }

  /** Takes away what lies over the bars; false where nothing did. */
  escape(): boolean {
    const had = this.#range !== undefined || !this.#fit;
    if (this.#range !== undefined) this.#range = undefined;
    else if (!this.#fit) this.zoomFit();
    this.#requestFrame();
    return had;
  }

  #take(lanes: LaneLayout, input: TimelineInput, before: TimelineInput | undefined): void {
    const { columns } = input;
    this.#lanes = lanes;
    this.#places = layoutSiblingPlaces(columns);
    if (before?.columns.traceId === columns.traceId) {
      // An earlier span may have arrived: the same moments now have greater distances from the start.
      const shift = Number(BigInt(before.columns.startTimeUnixNano) - BigInt(columns.startTimeUnixNano));
      this.#view = this.#fit
        ? fitViewport(this.#durationNs())
        : { startNs: this.#view.startNs + shift, endNs: this.#view.endNs + shift };
      this.#marksNs = this.#marksNs.map((ns) => ns + shift);
    } else {
      this.#fit = input.restored === undefined;
      this.#view = clampViewport(input.restored ?? fitViewport(this.#durationNs()), this.#durationNs());
      this.#range = undefined;
      this.#marksNs = [];
      this.element.scrollTop = 0;
    }
    this.#hovered = undefined;
    this.#tooltip.hide();
    this.#layOutTree(lanes);
    this.#gestures.sync();
    this.#settleSoon();
  }

  /** As high as all lanes, so that the last of them can be scrolled to. */
  #layOutTree(lanes: LaneLayout): void {
    const lanesPx = lanes.laneCount * LANE_HEIGHT_PX;
    this.#tree.style.height = `${AXIS_HEIGHT_PX + 8 + lanesPx + this.#pausesHeightPx}px`;
  }

  #durationNs(): number {
    return Math.max(this.#input?.columns.durationNs ?? 0, this.#edgeNs());
  }

  #edgeNs(): number {
    return this.#input?.edgeNs() ?? 0;
  }

  #activeId(input: TimelineInput): string {
    return input.selected === undefined ? "" : spanElementId(input.columns.row[input.selected] ?? -1);
  }

  #move(view: Viewport): void {
    this.#view = clampViewport(view, this.#durationNs());
    this.#fit = isFit(this.#view, this.#durationNs());
    this.#tooltip.hide();
    this.#requestFrame();
    this.#settle();
  }

  #bringIntoView(span: number | undefined): void {
    const columns = this.#input?.columns;
    if (span === undefined || columns === undefined || this.#lanes === undefined) return;
    const top = (this.#lanes.lane[span] ?? 0) * LANE_HEIGHT_PX;
    const room = this.#heightPx - this.#pausesHeightPx - AXIS_HEIGHT_PX - LANE_HEIGHT_PX;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top > this.element.scrollTop + room) this.element.scrollTop = top - room;
    const start = columns.start[span] ?? 0;
    const end = endOf(columns, span, this.#edgeNs());
    if (end >= this.#view.startNs && start <= this.#view.endNs) return;
    const length = this.#view.endNs - this.#view.startNs;
    const middle = (start + Math.min(end, start + length)) / 2;
    this.#move({ startNs: middle - length / 2, endNs: middle + length / 2 });
    this.#gestures.sync();
  }

  #resize(): void {
    this.#widthPx = this.element.clientWidth;
    this.#heightPx = this.element.clientHeight;
    this.#canvas.style.width = `${this.#widthPx}px`;
    this.#canvas.style.height = `${this.#heightPx}px`;
    this.#canvas.width = Math.round(this.#widthPx * devicePixelRatio);
    this.#canvas.height = Math.round(this.#heightPx * devicePixelRatio);
    this.#gestures.sync();
    this.#draw();
    this.#settle();
  }

  #requestFrame(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const input = this.#input;
    const lanes = this.#lanes;
    if (input === undefined || lanes === undefined || this.#widthPx === 0) return;
    if (input.growing && this.#fit) this.#view = fitViewport(this.#durationNs());
    const scene: TimelineScene = {
      ...input,
      lanes,
      view: this.#view,
      widthPx: this.#widthPx,
      heightPx: this.#heightPx,
      scrollTopPx: this.element.scrollTop,
      edgeNs: this.#edgeNs(),
      hovered: this.#hovered,
      range: this.#range,
      marksNs: this.#marksNs,
    };
    this.#painter?.draw(scene, devicePixelRatio);
    const pausesHeightPx = this.#pauses.draw({ ...scene, lengthOf: input.pauseLengthNs });
    if (pausesHeightPx !== this.#pausesHeightPx) {
      this.#pausesHeightPx = pausesHeightPx;
      this.#layOutTree(lanes);
    }
    this.#paintReport.drawn(input.columns);
    if (input.growing) this.#drawAgain();
  }

  /** Running spans advance frame by frame; a hidden panel gets no frames, so it costs nothing there. */
  #drawAgain(): void {
    if (!this.#reducedMotion.matches) {
      this.#requestFrame();
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#requestFrame(), REDUCED_MOTION_MS);
  }

  /** After the last of several movements. */
  #settle(): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#settleSoon();
  }

  /** Not put off by what comes meanwhile: a trace that grows all the time is read too. */
  #settleSoon(): void {
    this.#settling ??= setTimeout(() => this.#settled(), SETTLE_MS);
  }

  #settled(): void {
    this.#settling = undefined;
    const input = this.#input;
    if (input === undefined || this.#lanes === undefined || this.#places === undefined) return;
    renderSpansOverlay(
      {
        columns: input.columns,
        lanes: this.#lanes,
        places: this.#places,
        view: this.#view,
        widthPx: this.#widthPx,
        edgeNs: this.#edgeNs(),
        selected: input.selected,
        active: input.active,
      },
      this.#tree,
    );
    this.#events.zoomed(this.#fit ? undefined : this.#view);
  }

  #listen(): void {
    this.element.addEventListener("scroll", () => this.#requestFrame());
    this.element.addEventListener("pointermove", (event) => this.#hover(event));
    this.element.addEventListener("pointerleave", () => {
      this.#pointerNs = undefined;
      this.#setHovered(undefined);
    });
    this.element.addEventListener("click", (event) => {
      this.focus();
      this.#tooltip.hide();
      if (event.shiftKey) return;
      this.#range = undefined;
      const span = this.#spanOf(event);
      this.#events.selected(span, { reveal: true, focus: event.ctrlKey || event.metaKey });
    });
    this.element.addEventListener("contextmenu", (event) => {
      const span = this.#spanOf(event);
      const columns = this.#input?.columns;
      if (span === undefined || columns === undefined) delete this.element.dataset["vscodeContext"];
      else this.element.dataset["vscodeContext"] = spanContext(columns, span);
    });
    this.element.addEventListener("dblclick", (event) => {
      const span = this.#spanOf(event);
      if (span !== undefined) this.zoomToSpan(span);
    });
  }

  #hover(event: PointerEvent): void {
    const box = this.element.getBoundingClientRect();
    this.#pointerNs = nsOfX(this.#view, this.#widthPx, event.clientX - box.left);
    if (event.buttons !== 0 || this.#gestures.measuring) {
      this.#setHovered(undefined);
      return;
    }
    const span = this.#spanAtPoint(event);
    this.#setHovered(span);
    if (span === undefined || this.#input === undefined) return;
    this.#tooltip.show(spanTooltip(this.#input.columns, span, this.#edgeNs()), event, this.element);
  }

  #setHovered(span: number | undefined): void {
    if (span === undefined) this.#tooltip.hide();
    if (span === this.#hovered) return;
    this.#hovered = span;
    this.#requestFrame();
  }

  /** The span that an event means: the one under the point, or the element that a screen reader activated. */
  #spanOf(event: MouseEvent): number | undefined {
    const found = this.#spanAtPoint(event);
    if (found !== undefined) return found;
    const place = event.target instanceof HTMLElement ? event.target.dataset["span"] : undefined;
    return place === undefined ? undefined : Number(place);
  }

  #spanAtPoint(event: MouseEvent): number | undefined {
    const columns = this.#input?.columns;
    if (columns === undefined || this.#lanes === undefined) return undefined;
    const box = this.element.getBoundingClientRect();
    const y = event.clientY - box.top - AXIS_HEIGHT_PX - 4;
    if (y < 0 || event.clientX - box.left > this.#widthPx) return undefined;
    if (event.clientY - box.top > this.#heightPx - this.#pausesHeightPx) return undefined;
    const lane = Math.floor((y + this.element.scrollTop) / LANE_HEIGHT_PX);
    const ns = nsOfX(this.#view, this.#widthPx, event.clientX - box.left);
    const toleranceNs = nsOfX(this.#view, this.#widthPx, POINTER_TOLERANCE_PX) - this.#view.startNs;
    return spanAt(columns, this.#lanes, lane, ns, toleranceNs, this.#edgeNs());
  }
}
