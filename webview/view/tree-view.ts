import { html, nothing, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import { formatDuration } from "../../src/base/time.ts";
import { SPAN_STATES, SPAN_STATUSES } from "../../src/model/span.ts";
import type { TraceColumns } from "../../src/model/trace.ts";
import { parentIndex } from "../layout/lanes.ts";
import { programNs } from "../layout/program-time.ts";
import { endOf } from "../layout/self-time.ts";
import { layoutSiblingPlaces, type SiblingPlaces } from "../layout/sibling-places.ts";
import { spanLabel } from "../layout/span-label.ts";
import { layoutTreeRows, rowOfSpan } from "../layout/tree-rows.ts";
import { fitViewport, xOfNs } from "../layout/viewport.ts";
import { icon } from "./icon.ts";
import { Scroller } from "./scroller.ts";
import { spanContext } from "./span-context.ts";
import { accessibleSpanName, exactDuration, nameOr } from "./span-words.ts";
import { spanElementId } from "./spans-overlay.ts";
import { styles } from "./styles.ts";
import type { TimelineEvents, TimelineInput } from "./timeline-input.ts";

const ROW_HEIGHT_PX = 22;
const INDENT_PX = 12;
/** Deeper spans are not indented further: their names have to stay in view. */
const MAX_INDENT_LEVELS = 20;

/** The waterfall: one row a span, collapsible, with the span's place in time beside it. */
export class TreeView {
  readonly #events: Pick<TimelineEvents, "selected">;
  readonly #scroller: Scroller;
  readonly #collapsed = new Set<number>();
  #input: TimelineInput | undefined;
  #places: SiblingPlaces | undefined;
  #rows: Uint32Array = new Uint32Array(0);
  #edgeNs = 0;

  constructor(events: Pick<TimelineEvents, "selected">) {
    this.#events = events;
    this.#scroller = new Scroller(ROW_HEIGHT_PX, (row) => this.#row(row));
    this.#scroller.element.classList.add("span-rows");
    this.#scroller.element.setAttribute("role", "tree");
    this.#scroller.element.setAttribute("aria-label", "Spans");
    this.#scroller.element.addEventListener("keydown", (event) => this.#key(event));
  }

  update(input: TimelineInput): void {
    const before = this.#input;
    this.#input = input;
    this.#edgeNs = input.edgeNs();
    if (before?.columns !== input.columns) {
      if (before?.columns.traceId !== input.columns.traceId) this.#collapsed.clear();
      this.#places = layoutSiblingPlaces(input.columns);
      this.#layout();
    }
    const { selected } = input;
    const active = selected === undefined ? "" : spanElementId(input.columns.row[selected] ?? -1);
    this.#scroller.element.setAttribute("aria-activedescendant", active);
    this.#scroller.update(this.#rows.length);
    if (selected !== undefined && selected !== before?.selected) this.#reveal(selected);
  }

  focus(): void {
    this.#scroller.element.focus({ preventScroll: true });
  }

  render(): TemplateResult {
    return html`<div class="tree">
      <div class="tree-head dim" aria-hidden="true">
        <span>Name</span><span>Service</span><span class="number">Duration</span><span>Time</span>
      </div>
      ${this.#scroller.element}
    </div>`;
  }

  #layout(): void {
    if (this.#input !== undefined) this.#rows = layoutTreeRows(this.#input.columns, this.#collapsed);
  }

  #reveal(span: number): void {
    const { columns } = this.#input ?? {};
    if (columns === undefined) return;
    let opened = false;
    for (let up = parentIndex(columns, span); up >= 0; up = parentIndex(columns, up)) {
      opened = this.#collapsed.delete(columns.row[up] ?? -1) || opened;
    }
    if (opened) this.#layout();
    const row = rowOfSpan(this.#rows, span);
    if (row !== undefined) this.#scroller.reveal(row);
    this.#scroller.update(this.#rows.length);
  }

  #row(row: number): TemplateResult {
    const input = this.#input;
    const span = this.#rows[row];
    if (input === undefined || span === undefined || this.#places === undefined) return html``;
    const { columns } = input;
    const parent = this.#places.hasChildren[span] === 1;
    const open = !this.#collapsed.has(columns.row[span] ?? -1);
    const selected = span === input.selected;
    const durationNs = programNs(columns, span, this.#edgeNs);
    const level = Math.min(columns.depth[span] ?? 0, MAX_INDENT_LEVELS);
    return html`<div
      role="treeitem"
      id=${spanElementId(columns.row[span] ?? -1)}
      class=${classMap({ "span-row": true, selected, faded: input.isHit !== undefined && !input.isHit(span) })}
      aria-label=${accessibleSpanName(columns, span, this.#edgeNs, span === input.active)}
      aria-level=${(columns.depth[span] ?? 0) + 1}
      aria-posinset=${this.#places.place[span] ?? 1}
      aria-setsize=${this.#places.size[span] ?? 1}
      aria-expanded=${parent ? String(open) : nothing}
      aria-selected=${selected ? "true" : "false"}
      data-vscode-context=${spanContext(columns, span)}
      @click=${(event: MouseEvent) => this.#click(event, span)}
    >
      <span class="span-name" ${styles({ "padding-left": `${level * INDENT_PX}px` })}>
        <span class="twistie" @click=${(event: Event) => this.#twistie(event, span)}
          >${parent ? icon(open ? "chevron-down" : "chevron-right") : nothing}</span
        >${span === input.active ? icon("debug-stackframe-active") : nothing}${stateIcon(columns, span)}<span
          class="text"
          >${nameOr(spanLabel(columns, span)).slice(0, 300)}</span
        >
      </span>
      <span class="span-service dim">${columns.strings[columns.service[span] ?? 0]}</span>
      <span class="number" title=${exactDuration(durationNs)}>${formatDuration(durationNs)}</span>
      ${this.#bar(input, span)}
    </div>`;
  }

  #bar(input: TimelineInput, span: number): TemplateResult {
    const { columns, theme } = input;
    const view = fitViewport(Math.max(columns.durationNs, this.#edgeNs));
    const left = xOfNs(view, 100, columns.start[span] ?? 0);
    const right = xOfNs(view, 100, endOf(columns, span, this.#edgeNs));
    const style = {
      left: `${left.toFixed(3)}%`,
      width: `${(right - left).toFixed(3)}%`,
      "background-color": theme.services[input.slotOfService(columns.service[span] ?? 0)]?.fill ?? theme.dim,
    };
    const running = SPAN_STATES[columns.state[span] ?? 0] === "running";
    return html`<span class="span-time"
      ><span class=${classMap({ "span-bar": true, running })} ${styles(style)}></span
    ></span>`;
  }

  #click(event: MouseEvent, span: number): void {
    this.focus();
    this.#events.selected(span, { reveal: true, focus: event.ctrlKey || event.metaKey });
  }

  #twistie(event: Event, span: number): void {
    event.stopPropagation();
    this.#toggle(span);
  }

  #toggle(span: number, open?: boolean): void {
    const row = this.#input?.columns.row[span] ?? -1;
    if (open ?? this.#collapsed.has(row)) this.#collapsed.delete(row);
    else this.#collapsed.add(row);
    this.#layout();
    this.#scroller.update(this.#rows.length);
  }

  /** The keys of a tree, as readers of trees know them; the panel's other keys are heard further up. */
  #key(event: KeyboardEvent): void {
    const input = this.#input;
    if (input === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const span = input.selected ?? 0;
    const at = rowOfSpan(this.#rows, span) ?? 0;
    const open = !this.#collapsed.has(input.columns.row[span] ?? -1);
    const parent = this.#places?.hasChildren[span] === 1;
    const page = Math.max(1, Math.floor(this.#scroller.element.clientHeight / ROW_HEIGHT_PX) - 1);
    switch (event.key) {
      case "ArrowDown":
        this.#select(at + (input.selected === undefined ? 0 : 1));
        break;
      case "ArrowUp":
        this.#select(at - 1);
        break;
      case "PageDown":
        this.#select(at + page);
        break;
      case "PageUp":
        this.#select(at - page);
        break;
      case "Home":
        this.#select(0);
        break;
      case "End":
        this.#select(this.#rows.length - 1);
        break;
      case "ArrowRight":
        if (parent && open) this.#select(at + 1);
        else if (parent) this.#toggle(span, true);
        break;
      case "ArrowLeft":
        if (parent && open) this.#toggle(span, false);
        else this.#select(rowOfSpan(this.#rows, parentIndex(input.columns, span)) ?? at);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #select(row: number): void {
    const span = this.#rows[Math.min(Math.max(row, 0), this.#rows.length - 1)];
    if (span !== undefined) this.#events.selected(span, { reveal: false, focus: false });
  }
}

function stateIcon(columns: TraceColumns, span: number): TemplateResult | typeof nothing {
  const state = SPAN_STATES[columns.state[span] ?? 0];
  if (SPAN_STATUSES[columns.status[span] ?? 0] === "error")
    return html`<span class="badge error">${icon("error")}</span>`;
  if (state === "running") return html`<span class="badge warning">${icon("play")}</span>`;
  if (state === "lost") return html`<span class="badge warning">${icon("debug-disconnect")}</span>`;
  return nothing;
}
