import { html, nothing, render, type TemplateResult } from "lit";
import { readTheme, type Theme } from "../draw/theme.ts";
import type { PanelModel } from "../state/panel-model.ts";
import type { PanelColumn } from "../state/saved-state.ts";
import { DetailsView } from "./details-view.ts";
import { icon } from "./icon.ts";
import { keyHelp } from "./key-help.ts";
import { keyAction, SPAN_KEYS, type KeyAction } from "./keys.ts";
import { ListView } from "./list-view.ts";
import { noticeBar } from "./notices.ts";
import { splitter } from "./splitter.ts";
import { styles } from "./styles.ts";
import { TraceView } from "./trace-view.ts";
import { waitingView } from "./waiting-views.ts";

/** Narrower than this the panel shows one column at a time; two columns of text and a timeline need more. */
const NARROW_PX = 640;
/** Ages in the list are read to the second. */
const AGE_MS = 1000;

/** The whole panel: three columns, the keys, and what is said aloud. Draws itself at most once a frame. */
export class App {
  readonly #model: PanelModel;
  readonly #root: HTMLElement;
  readonly #list: ListView;
  readonly #trace: TraceView;
  readonly #details: DetailsView;
  readonly #actions: Readonly<Record<KeyAction, () => void>> = {
    parent: () => this.#trace.step("parent"),
    "first-child": () => this.#trace.step("first-child"),
    "previous-sibling": () => this.#trace.step("previous-sibling"),
    "next-sibling": () => this.#trace.step("next-sibling"),
    "next-trace": () => this.#list.step(1),
    "previous-trace": () => this.#list.step(-1),
    source: () => void this.#model.openSource(false),
    "source-focus": () => void this.#model.openSource(true),
    "zoom-span": () => this.#trace.zoomToSelected(),
    "zoom-in": () => this.#trace.zoomBy("in"),
    "zoom-out": () => this.#trace.zoomBy("out"),
    out: () => this.#trace.escape(),
    search: () => this.#focusSearch(),
    "next-hit": () => this.#trace.stepHit(1),
    "previous-hit": () => this.#trace.stepHit(-1),
    pin: () => void this.#model.pin(!this.#model.pinned),
    mark: () => this.#trace.mark(),
    "collapse-pauses": () => this.#trace.toggleCollapsed(),
    help: () => this.#showHelp(true),
  };
  #theme: Theme;
  #narrow = false;
  #help = false;
  #frame = 0;

  constructor(model: PanelModel, root: HTMLElement) {
    this.#model = model;
    this.#root = root;
    this.#theme = readTheme(document.body);
    const theme = (): Theme => this.#theme;
    const changed = (): void => this.requestDraw();
    this.#list = new ListView(model, theme, changed);
    this.#trace = new TraceView(model, theme);
    this.#details = new DetailsView(model, () => this.#trace.edgeNs(), changed);
    model.onCommands({
      focusSearch: () => this.#focusSearch(),
      zoomFit: () => this.#trace.zoomFit(),
    });
    this.#listen();
  }

  requestDraw(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #listen(): void {
    document.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => {
      this.#narrow = this.#root.clientWidth < NARROW_PX;
      this.requestDraw();
    }).observe(this.#root);
    // VS Code changes the theme by the variables on <html> and the classes on <body>.
    const themed = new MutationObserver(() => {
      this.#theme = readTheme(document.body);
      this.requestDraw();
    });
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
    themed.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-id"] });
    setInterval(() => {
      if (document.visibilityState === "visible" && this.#model.list.shown.length > 0) this.requestDraw();
    }, AGE_MS);
  }

  #draw(): void {
    this.#frame = 0;
    const model = this.#model;
    const body = this.#nothingHeld()
      ? html`<main class="waiting">${waitingView(model)}</main>`
      : this.#columns();
    render(
      html`${noticeBar(model)} ${body}
        <div role="status" class="for-readers">${model.status}</div>
        ${this.#help ? keyHelp(() => this.#showHelp(false)) : nothing}`,
      this.#root,
    );
  }

  /** No trace is held at all: the columns would be empty, so one page says why. */
  #nothingHeld(): boolean {
    const { list, trace } = this.#model;
    const { latest } = list;
    return (latest === undefined || latest.totalCount === 0) && trace.columns === undefined && !list.filtered;
  }

  #columns(): TemplateResult {
    const { saved } = this.#model;
    if (this.#narrow) {
      return html`<main class="columns narrow">
        ${this.#wayBack(saved.column)}
        ${
          saved.column === "list"
            ? this.#list.render()
            : saved.column === "trace"
              ? this.#trace.render()
              : this.#details.render()
        }
      </main>`;
    }
    const widths = {
      "--list-width": `${saved.listWidthPx}px`,
      "--details-width": `${saved.detailsWidthPx}px`,
    };
    return html`<main class="columns" ${styles(widths)}>
      ${this.#list.render()}
      ${splitter({
        label: "Width of the trace list",
        widthPx: saved.listWidthPx,
        direction: 1,
        resized: (listWidthPx) => this.#save({ listWidthPx }),
      })}
      ${this.#trace.render()}
      ${splitter({
        label: "Width of the details",
        widthPx: saved.detailsWidthPx,
        direction: -1,
        resized: (detailsWidthPx) => this.#save({ detailsWidthPx }),
      })}
      ${this.#details.render()}
    </main>`;
  }

  #save(widths: { readonly listWidthPx?: number; readonly detailsWidthPx?: number }): void {
    this.#model.save(widths);
    this.requestDraw();
  }

  #wayBack(column: PanelColumn): TemplateResult {
    const crumb = (to: PanelColumn, label: string): TemplateResult =>
      html`<button
        class="crumb"
        type="button"
        aria-current=${to === column ? "page" : "false"}
        @click=${() => this.#model.showColumn(to)}
      >
        ${label}
      </button>`;
    return html`<nav class="crumbs" aria-label="Way back">
      ${crumb("list", "Traces")} ${icon("chevron-right")} ${crumb("trace", "Trace")} ${icon("chevron-right")}
      ${crumb("details", "Span")}
    </nav>`;
  }

  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented) return;
    const target = event.target as HTMLElement;
    if (target.closest("input, textarea, [contenteditable]") !== null) return;
    const action = keyAction(event);
    if (action === undefined) return;
    const onSpans = target === document.body || target.closest('[role="tree"], [role="treeitem"]') !== null;
    if (SPAN_KEYS.has(action) && !onSpans) return;
    event.preventDefault();
    this.#actions[action]();
  }

  #focusSearch(): void {
    if (this.#narrow && this.#model.saved.column !== "list") this.#model.showColumn("list");
    // The box may only come to be with the next drawing.
    this.#draw();
    this.#list.searchBox.focus();
  }

  #showHelp(shown: boolean): void {
    this.#help = shown;
    this.#draw();
    if (shown) this.#root.querySelector<HTMLElement>(".key-help")?.focus();
    else this.#root.querySelector<HTMLElement>('[role="tree"]')?.focus();
  }
}
