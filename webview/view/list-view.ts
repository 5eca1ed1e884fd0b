import { html, nothing, type TemplateResult } from "lit";
import { formatDuration } from "../../src/base/time.ts";
import type { Theme } from "../draw/theme.ts";
import type { PanelModel } from "../state/panel-model.ts";
import { withoutClause } from "../state/search-clause.ts";
import { DurationHistogramView } from "./duration-histogram.ts";
import { icon, iconButton } from "./icon.ts";
import { Scroller } from "./scroller.ts";
import { SearchBox } from "./search-box.ts";
import { sessionNotes } from "./session-notes.ts";
import { traceElementId, traceRow, TRACE_ROW_HEIGHT_PX } from "./trace-row.ts";
import { plural } from "./trace-words.ts";
import { evictionNotice } from "./waiting-views.ts";

/** Rows from the end at which more are asked for. */
const EXTEND_ROWS = 40;

/** The list of traces with its search box and its histogram. */
export class ListView {
  readonly searchBox: SearchBox;
  readonly #model: PanelModel;
  readonly #theme: () => Theme;
  readonly #histogram: DurationHistogramView;
  readonly #scroller: Scroller;
  #hovered = false;
  #revealed = "";

  constructor(model: PanelModel, theme: () => Theme, changed: () => void) {
    this.#model = model;
    this.#theme = theme;
    this.searchBox = new SearchBox(model, changed);
    this.#histogram = new DurationHistogramView((durations) => model.showDurations(durations), changed);
    this.#scroller = new Scroller(TRACE_ROW_HEIGHT_PX, (row) => this.#row(row));
    const { element } = this.#scroller;
    element.setAttribute("role", "listbox");
    element.setAttribute("aria-label", "Traces");
    element.addEventListener("scroll", () => this.#scrolled());
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  render(): TemplateResult {
    const { list } = this.#model;
    this.#scroller.update(list.shown.length);
    this.#followSelection();
    const waiting = list.waitingCount;
    return html`<section class="column list-column" aria-label="Trace list">
      ${this.searchBox.render()} ${this.#chips()}
      ${list.latest === undefined ? nothing : this.#histogram.render(list.latest.histogram)}
      <div
        class="list-body"
        @pointerenter=${() => this.#hover(true)}
        @pointerleave=${() => this.#hover(false)}
      >
        ${
          waiting > 0
            ? html`<button class="waiting" type="button" @click=${() => this.#showWaiting()}>
                ${icon("arrow-up")} ${waiting.toLocaleString("en")} new
              </button>`
            : nothing
        }
        ${list.shown.length === 0 ? this.#empty() : nothing} ${this.#scroller.element}
      </div>
      ${this.#footer()}
    </section>`;
  }

  /** Selects the trace that stands some rows further down (or up). */
  step(by: number): void {
    const { shown } = this.#model.list;
    const at = shown.findIndex((trace) => trace.traceId === this.#model.trace.traceId);
    const next = shown[at < 0 ? 0 : Math.min(Math.max(at + by, 0), shown.length - 1)];
    if (next !== undefined) this.#model.selectTrace(next.traceId, this.#model.saved.column);
  }

  #row(row: number): TemplateResult {
    const trace = this.#model.list.shown[row];
    return trace === undefined ? html`` : traceRow(this.#model, this.#theme(), trace, row);
  }

  #followSelection(): void {
    const { shown } = this.#model.list;
    const { traceId } = this.#model.trace;
    const at = shown.findIndex((trace) => trace.traceId === traceId);
    const trace = shown[at];
    if (trace === undefined) {
      this.#scroller.element.removeAttribute("aria-activedescendant");
      return;
    }
    this.#scroller.element.setAttribute("aria-activedescendant", traceElementId(trace));
    if (this.#revealed === trace.traceId) return;
    this.#revealed = trace.traceId;
    this.#scroller.reveal(at);
  }

  #chips(): TemplateResult | typeof nothing {
    const { durations, place } = this.#model.list;
    if (durations === undefined && place === undefined) return nothing;
    return html`<div class="chips">
      ${
        durations === undefined
          ? nothing
          : html`<span class="chip"
              >${formatDuration(durations.minNs)} – ${formatDuration(durations.maxNs)}
              ${iconButton("close", "Show all durations", () => this.#model.showDurations(undefined))}</span
            >`
      }
      ${
        place === undefined
          ? nothing
          : html`<span class="chip"
              >${icon("symbol-method")} ${place.label}
              ${iconButton("close", "Show traces of all places", () => this.#model.list.showPlace(undefined))}</span
            >`
      }
    </div>`;
  }

  #empty(): TemplateResult | typeof nothing {
    const { list } = this.#model;
    const { latest, problem, filtered } = list;
    if (problem !== undefined) return html`<div class="empty">${problem.message}</div>`;
    if (latest === undefined || !filtered || latest.totalCount === 0) return nothing;
    const culprit = latest.emptiedBy;
    return html`<div class="empty">
      <p>
        None of ${plural(latest.totalCount, "trace")}
        ${culprit === undefined ? "matches." : html`is left after <code>${culprit}</code>.`}
      </p>
      ${
        culprit === undefined
          ? nothing
          : html`<button
              class="text-button"
              type="button"
              @click=${() => this.#model.search(withoutClause(list.text, culprit))}
            >
              Remove ${culprit}
            </button>`
      }
      <button class="text-button" type="button" @click=${() => this.#model.clearFilter()}>
        Show all traces
      </button>
    </div>`;
  }

  #footer(): TemplateResult {
    const { latest, filtered } = this.#model.list;
    const host = this.#model.host;
    const counts =
      latest === undefined
        ? ""
        : filtered
          ? `${latest.matchingCount.toLocaleString("en")} of ${plural(latest.totalCount, "trace")}`
          : `${plural(latest.totalCount, "trace")} · ${plural(latest.spanCount, "span")}`;
    return html`<footer class="list-footer dim">
      ${host?.engine === undefined ? nothing : evictionNotice(this.#model, host.engine)}
      ${latest !== undefined && latest.totalCount > 0 ? sessionNotes(this.#model, true) : nothing}
      <div class="counts">${counts}</div>
    </footer>`;
  }

  #hover(hovered: boolean): void {
    this.#hovered = hovered;
    this.#hold();
  }

  #scrolled(): void {
    this.#hold();
    const { element } = this.#scroller;
    const rowsLeft = (element.scrollHeight - element.scrollTop - element.clientHeight) / TRACE_ROW_HEIGHT_PX;
    if (rowsLeft < EXTEND_ROWS) this.#model.list.extend();
  }

  #hold(): void {
    this.#model.list.hold(this.#hovered || this.#scroller.element.scrollTop > 0);
  }

  #showWaiting(): void {
    this.#model.list.release();
    this.#scroller.element.scrollTop = 0;
  }

  #key(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.#scroller.element.clientHeight / TRACE_ROW_HEIGHT_PX) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    const by = steps[event.key];
    if (event.key === "Enter") this.#model.showColumn("trace");
    else if (by === undefined) return;
    else this.step(by);
    event.preventDefault();
    event.stopPropagation();
  }
}
