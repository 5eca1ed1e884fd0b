import { html, render, type TemplateResult } from "lit";
import type { PauseBand, TraceColumns } from "../../src/model/trace.ts";
import { xOfNs, type Viewport } from "../layout/viewport.ts";
import { icon } from "./icon.ts";
import { accessiblePauseName, pauseWords } from "./pause-words.ts";
import { styles } from "./styles.ts";

export interface PauseScene {
  readonly columns: TraceColumns;
  /** Wall-clock lengths of the bands, which may be drawn without any. */
  readonly lengthOf: (band: number) => number;
  readonly view: Viewport;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly scrollTopPx: number;
  readonly edgeNs: number;
}

/** More buttons than this in view cover each other. */
const MAX_SHOWN = 60;
const MIN_WIDTH_PX = 20;
/** A pause that lasts begins where the trace ends, and says where the debugger is. */
const LASTING_WIDTH_PX = 200;
/** Bands of different processes may lie over each other; their buttons do so only where there is no room. */
const MAX_ROWS = 3;
const ROW_PX = 22;
const MARGIN_PX = 4;
/** Of a low panel, the bars are to keep the greater part. */
const MAX_SHARE = 0.3;

/** Under the bars, a button on each band that names the pause and leads to its line. */
export class PausePlaces {
  readonly element = document.createElement("div");
  readonly #opened: (band: PauseBand) => void;

  constructor(opened: (band: PauseBand) => void) {
    this.#opened = opened;
    this.element.className = "pause-places";
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "Pauses");
    // The timeline below takes presses for a drag and clicks for a choice of span.
    for (const type of ["pointerdown", "mousedown", "click", "dblclick", "pointermove"])
      this.element.addEventListener(type, (event) => event.stopPropagation());
  }

  /** Returns the height that the buttons take from the bars. */
  draw(scene: PauseScene): number {
    const bands = scene.columns.pauses?.bands ?? [];
    this.element.hidden = bands.length === 0;
    if (bands.length === 0) return 0;
    const maxRows = Math.floor((scene.heightPx * MAX_SHARE) / ROW_PX);
    const rows = new Rows(Math.min(Math.max(maxRows, 1), MAX_ROWS));
    const shown: TemplateResult[] = [];
    bands.forEach((band, n) => {
      // A process that is paused while all others stand already is paused where the trace ends.
      const start = band.end === Infinity ? Math.min(band.start, scene.edgeNs) : band.start;
      const x0 = xOfNs(scene.view, scene.widthPx, start);
      const x1 = xOfNs(scene.view, scene.widthPx, Math.min(band.end, Math.max(scene.edgeNs, band.start)));
      if (x1 < 0 || x0 > scene.widthPx + 1 || shown.length === MAX_SHOWN) return;
      const least = Math.min(band.end === Infinity ? LASTING_WIDTH_PX : MIN_WIDTH_PX, scene.widthPx);
      const left = Math.max(Math.min(x0, scene.widthPx - least), 0);
      const width = Math.max(Math.min(x1, scene.widthPx) - left, least);
      const top = MARGIN_PX / 2 + rows.take(left, left + width) * ROW_PX;
      shown.push(this.#button(band, scene.lengthOf(n), { left, width, top }));
    });
    render(shown, this.element);
    const heightPx = rows.count === 0 ? 0 : rows.count * ROW_PX + MARGIN_PX;
    this.element.style.top = `${scene.scrollTopPx + scene.heightPx - heightPx}px`;
    this.element.style.height = `${heightPx}px`;
    return heightPx;
  }

  #button(
    band: PauseBand,
    lengthNs: number,
    box: { readonly left: number; readonly width: number; readonly top: number },
  ): TemplateResult {
    const name = accessiblePauseName(band, lengthNs);
    return html`<button
      type="button"
      class="pause-place"
      aria-label=${name}
      title=${band.place === undefined ? name : `${name}. Click to show the line.`}
      @click=${() => this.#opened(band)}
      ${styles({ left: `${box.left.toFixed(1)}px`, width: `${box.width.toFixed(1)}px`, top: `${box.top}px` })}
    >
      ${icon("debug-pause")}<span>${pauseWords(band, lengthNs)}</span>
    </button>`;
  }
}

/** Rows of boxes beside each other: a box goes into the first row that is free, else into the one that is free soonest. */
class Rows {
  readonly #ends: number[] = [];
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#ends.length;
  }

  /** Returns the number of the row. */
  take(left: number, right: number): number {
    const free = this.#ends.findIndex((end) => end <= left);
    const row = free >= 0 ? free : this.count < this.#max ? this.count : this.#soonest();
    this.#ends[row] = Math.max(this.#ends[row] ?? 0, right);
    return row;
  }

  #soonest(): number {
    return this.#ends.indexOf(Math.min(...this.#ends));
  }
}
