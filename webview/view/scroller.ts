import { html, render, type TemplateResult } from "lit";
import { scrollTopFor, windowOfRows } from "../layout/row-window.ts";
import { styles } from "./styles.ts";

/** A scrolled list of rows of equal height, of which only those near the view exist as elements. */
export class Scroller {
  readonly element = document.createElement("div");
  readonly #rowHeightPx: number;
  readonly #render: (row: number) => TemplateResult;
  #rowCount = 0;
  #frame = 0;

  /** @param renderRow gives the row's element; it is placed by this class. */
  constructor(rowHeightPx: number, renderRow: (row: number) => TemplateResult) {
    this.#rowHeightPx = rowHeightPx;
    this.#render = renderRow;
    this.element.className = "scroller";
    this.element.tabIndex = 0;
    this.element.addEventListener("scroll", () => this.#request());
    new ResizeObserver(() => this.#request()).observe(this.element);
  }

  update(rowCount: number): void {
    this.#rowCount = rowCount;
    this.#draw();
  }

  reveal(row: number): void {
    const { scrollTop, clientHeight } = this.element;
    const wanted = scrollTopFor(row, this.#rowHeightPx, scrollTop, clientHeight);
    if (wanted !== scrollTop) this.element.scrollTop = wanted;
  }

  #request(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { scrollTop, clientHeight } = this.element;
    const { first, end } = windowOfRows(this.#rowCount, this.#rowHeightPx, scrollTop, clientHeight);
    const rows = Array.from({ length: end - first }, (_, i) => this.#render(first + i));
    render(
      html`<div
        role="presentation"
        ${styles({
          height: `${this.#rowCount * this.#rowHeightPx}px`,
          "padding-top": `${first * this.#rowHeightPx}px`,
          "box-sizing": "border-box",
        })}
      >
        ${rows}
      </div>`,
      this.element,
    );
  }
}
