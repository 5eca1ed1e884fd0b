import { html, nothing, type TemplateResult } from "lit";
import { formatDuration } from "../../src/base/time.ts";
import type { PauseBand, TraceColumns } from "../../src/model/trace.ts";
import type { Theme } from "../draw/theme.ts";
import { CollapsedAxis } from "../layout/collapsed-axis.ts";
import { collapseColumns } from "../layout/collapsed-columns.ts";
import { traceFacts, type TraceFacts } from "../layout/trace-facts.ts";
import { spanLabel } from "../layout/span-label.ts";
import { spanOfRow, stepSpan, type SpanStep } from "../layout/span-walk.ts";
import { liveEdgeNs, mayGrow } from "../state/live-edge.ts";
import type { PanelModel } from "../state/panel-model.ts";
import { icon, iconButton } from "./icon.ts";
import { nameOr } from "./span-words.ts";
import { Timeline } from "./timeline.ts";
import type { TimelineEvents, TimelineInput } from "./timeline-input.ts";
import { plural, traceLabel } from "./trace-words.ts";
import { TreeView } from "./tree-view.ts";
import { waitingView } from "./waiting-views.ts";

/** The opened trace: its toolbar, and its spans as timeline or tree. */
export class TraceView {
  readonly #model: PanelModel;
  readonly #theme: () => Theme;
  readonly #timeline: Timeline;
  readonly #tree: TreeView;
  #facts: TraceFacts | undefined;
  #collapsed:
    { readonly of: TraceColumns; readonly axis: CollapsedAxis; readonly columns: TraceColumns } | undefined;

  constructor(model: PanelModel, theme: () => Theme) {
    this.#model = model;
    this.#theme = theme;
    const events: TimelineEvents = {
      selected: (span, wish) => this.#select(span, wish),
      zoomed: (viewport) => {
        if (viewport !== model.saved.viewport) model.save({ viewport });
      },
      measured: (lengthNs) => model.say(`${formatDuration(lengthNs)} selected`),
      painted: (columns) => model.painted(columns.traceId, columns.version, columns.spanCount),
      pauseOpened: (band) => this.#openPause(band),
    };
    this.#timeline = new Timeline(events);
    this.#tree = new TreeView(events);
  }

  /** How far running spans of the opened trace reach now: not beyond where all of it stands in the debugger. */
  edgeNs(): number {
    const { columns } = this.#model.trace;
    if (columns === undefined) return 0;
    const heldSinceNs = this.#collapsedOf(columns)?.axis.heldSinceNs;
    if (heldSinceNs !== undefined) return Math.max(columns.durationNs, heldSinceNs);
    return liveEdgeNs(columns, this.#growing(columns), Date.now());
  }

  /** Draws the trace without the time that it stood still in the debugger, or with it again. */
  toggleCollapsed(): void {
    const { saved } = this.#model;
    const collapsePauses = saved.collapsePauses !== true;
    this.#timeline.zoomFit();
    this.#model.save({ collapsePauses, viewport: undefined });
    this.#model.say(collapsePauses ? "Paused time is collapsed." : "Paused time is shown.");
  }

  render(): TemplateResult {
    const { columns, status, problem } = this.#model.trace;
    if (columns === undefined) {
      return html`<section class="column trace-column" aria-label="Trace">
        ${
          status === "gone"
            ? html`<div class="empty">
                <p>This trace is not held: it never arrived, was cleared, or left because of the limit.</p>
              </div>`
            : status === "failed"
              ? html`<div class="empty"><p>${problem?.message}</p></div>`
              : status === "loading"
                ? nothing
                : waitingView(this.#model)
        }
      </section>`;
    }
    const input = this.#drawnInput(columns);
    const { view } = this.#model.saved;
    if (view === "timeline") this.#timeline.update(input);
    else this.#tree.update(input);
    return html`<section class="column trace-column" aria-label="Trace">
      ${this.#toolbar(columns)} ${this.#warnings(columns)}
      ${view === "timeline" ? this.#timeline.element : this.#tree.render()}
    </section>`;
  }

  zoomFit(): void {
    this.#timeline.zoomFit();
  }

  zoomBy(direction: "in" | "out"): void {
    this.#timeline.zoomBy(direction);
  }

  zoomToSelected(): void {
    const span = this.#selected();
    if (span !== undefined) this.#timeline.zoomToSpan(span);
  }

  /** Leaves the range, then the zoom, then the selection. */
  escape(): void {
    if (this.#model.saved.view === "timeline" && this.#timeline.escape()) return;
    this.#model.selectSpan(undefined);
  }

  mark(): void {
    const ns = this.#timeline.toggleMark();
    if (ns !== undefined) this.#model.say(`Mark at ${formatDuration(ns)}`);
  }

  step(step: SpanStep): void {
    const { columns } = this.#model.trace;
    if (columns === undefined) return;
    const span = this.#selected();
    const next = span === undefined ? 0 : stepSpan(columns, span, step);
    if (next !== undefined && next < columns.spanCount) this.#select(next, { reveal: false, focus: false });
  }

  stepHit(by: 1 | -1): void {
    const { hits } = this.#model.trace;
    if (hits.length === 0) return;
    const selected = this.#selected() ?? -1;
    const next =
      by === 1
        ? (hits.find((hit) => hit > selected) ?? hits[0])
        : (hits.findLast((hit) => hit < selected) ?? hits.at(-1));
    if (next !== undefined) this.#select(next, { reveal: false, focus: false });
  }

  #drawnInput(columns: TraceColumns): TimelineInput {
    const input = this.#input(columns);
    const collapsed = this.#model.saved.collapsePauses === true ? this.#collapsedOf(columns) : undefined;
    if (collapsed === undefined) return input;
    const { axis } = collapsed;
    return { ...input, columns: collapsed.columns, edgeNs: () => axis.toProgram(this.edgeNs()) };
  }

  /** The collapsed form of the trace, made once for each of its versions; undefined where it never stood still. */
  #collapsedOf(
    columns: TraceColumns,
  ): { readonly axis: CollapsedAxis; readonly columns: TraceColumns } | undefined {
    if (columns.pauses === undefined || columns.pauses.standstill.length === 0) return undefined;
    if (this.#collapsed?.of !== columns) {
      const axis = new CollapsedAxis(columns.pauses.standstill);
      this.#collapsed = { of: columns, axis, columns: collapseColumns(columns, axis) };
    }
    return this.#collapsed;
  }

  #openPause({ place }: PauseBand): void {
    if (place === undefined) return;
    const { path, line, functionName } = place;
    void this.#model.openSource(false, {
      path,
      line,
      ...(functionName !== undefined && { functionName }),
      evidence: "stack-frame",
    });
  }

  #input(columns: TraceColumns): TimelineInput {
    const { trace, slots, saved } = this.#model;
    const theme = this.#theme();
    return {
      columns,
      theme,
      slotOfService: (service) => slots.slotOf(columns.strings[service] ?? ""),
      selected: this.#selected(),
      active: this.#active(columns),
      isHit: trace.hits.length === 0 ? undefined : (span) => trace.isHit(columns.row[span] ?? -1),
      edgeNs: () => this.edgeNs(),
      growing: this.#growing(columns),
      pauseLengthNs: (band) => {
        const pause = columns.pauses?.bands[band];
        return pause === undefined ? Number.NaN : pause.end - pause.start;
      },
      restored: saved.traceId === columns.traceId ? saved.viewport : undefined,
    };
  }

  #growing(columns: TraceColumns): boolean {
    if (this.#collapsedOf(columns)?.axis.heldSinceNs !== undefined) return false;
    return this.#factsOf(columns).running && mayGrow(columns, this.#model.host?.runs ?? [], Date.now());
  }

  #selected(): number | undefined {
    const { columns } = this.#model.trace;
    const { row } = this.#model.span;
    return columns === undefined || row === undefined ? undefined : spanOfRow(columns, row);
  }

  #active(columns: TraceColumns): number | undefined {
    const active = this.#model.host?.activeSpan;
    return active?.traceId === columns.traceId ? spanOfRow(columns, active.row) : undefined;
  }

  #select(span: number | undefined, wish: { readonly reveal: boolean; readonly focus: boolean }): void {
    const row = span === undefined ? undefined : this.#model.trace.rowOf(span);
    const reveal = wish.focus ? "focus" : wish.reveal ? "reveal" : undefined;
    this.#model.selectSpan(row, reveal);
  }

  #toolbar(columns: TraceColumns): TemplateResult {
    const model = this.#model;
    const { hits } = model.trace;
    const timeline = model.saved.view === "timeline";
    return html`<div class="toolbar" role="toolbar" aria-label="Trace view">
      ${viewButton("Timeline", timeline, () => model.show("timeline"))}
      ${viewButton("Tree", !timeline, () => model.show("tree"))}
      ${hits.length === 0 ? nothing : this.#hits(hits)}
      ${
        timeline
          ? html`${iconButton("zoom-out", "Zoom out", () => this.#timeline.zoomBy("out"))}
            ${iconButton("zoom-in", "Zoom in", () => this.#timeline.zoomBy("in"))}
            ${iconButton("screen-full", "Show the whole trace", () => this.#timeline.zoomFit())}
            ${this.#collapseButton(columns)}`
          : nothing
      }
      <span class="trace-facts dim">
        <span
          class="trace-title"
          title=${model.summary === undefined ? "" : traceLabel(model.summary).slice(0, 500)}
          >${nameOr(spanLabel(columns, 0)).slice(0, 200)}</span
        >
        <span>
          ${formatDuration(this.#programNs(columns))} · ${plural(columns.spanCount, "span")} ·
          ${plural(this.#factsOf(columns).serviceCount, "service")}
        </span>
      </span>
    </div>`;
  }

  #collapseButton(columns: TraceColumns): TemplateResult | typeof nothing {
    if (this.#collapsedOf(columns) === undefined) return nothing;
    const on = this.#model.saved.collapsePauses === true;
    return html`<button
      class="view-button"
      type="button"
      aria-pressed=${on ? "true" : "false"}
      title="Collapse the time spent paused in the debugger (c)"
      @click=${() => this.toggleCollapsed()}
    >
      Collapse paused
    </button>`;
  }

  /** How long the program worked on the trace. */
  #programNs(columns: TraceColumns): number {
    const wallNs = Math.max(columns.durationNs, this.edgeNs());
    return this.#collapsedOf(columns)?.axis.toProgram(wallNs) ?? wallNs;
  }

  #hits(hits: readonly number[]): TemplateResult {
    const at = hits.indexOf(this.#selected() ?? -1);
    const count = hits.length.toLocaleString("en");
    return html`<span class="hits">
      <span class="number"
        >${at < 0 ? `${count} ${hits.length === 1 ? "hit" : "hits"}` : `${at + 1} of ${count}`}</span
      >
      ${iconButton("arrow-up", "Previous hit", () => this.stepHit(-1))}
      ${iconButton("arrow-down", "Next hit", () => this.stepHit(1))}
    </span>`;
  }

  #warnings(columns: TraceColumns): TemplateResult | typeof nothing {
    const missing = this.#factsOf(columns).missingCount;
    if (missing + columns.omittedCount === 0) return nothing;
    return html`<div class="trace-warnings">
      ${
        columns.omittedCount === 0
          ? nothing
          : html`<span
              >${icon("warning")} Too large to show whole: ${plural(columns.omittedCount, "span")} left
              out.</span
            >`
      }
      ${
        missing === 0
          ? nothing
          : html`<span
              >${icon("circle-slash")} Incomplete: the parents of ${plural(missing, "span")} have not
              arrived.</span
            >`
      }
    </div>`;
  }

  /** Counted once for each version of the trace, not with every drawing. */
  #factsOf(columns: TraceColumns): TraceFacts {
    if (this.#facts?.columns !== columns) this.#facts = traceFacts(columns);
    return this.#facts;
  }
}

function viewButton(label: string, on: boolean, show: () => void): TemplateResult {
  return html`<button class="view-button" type="button" aria-pressed=${on ? "true" : "false"} @click=${show}>
    ${label}
  </button>`;
}
