import type { SpanRow, TraceId } from "../../src/model/ids.ts";
import type { TraceSummary } from "../../src/model/trace.ts";
import type { Connection } from "../../src/protocol/connection.ts";
import { pinTrace, problemFound, stateChanged, type EngineState } from "../../src/protocol/engine.ts";
import {
  copyText,
  panelCommanded,
  panelStateChanged,
  readPanelState,
  runPanelCommand,
  selectionChanged,
  tracePainted,
  type PanelState,
} from "../../src/protocol/panel.ts";
import { LogModel } from "./log-model.ts";
import { readSavedState, type PanelColumn, type SavedState, type TraceView } from "./saved-state.ts";
import { ServiceSlots } from "./service-slots.ts";
import { SpanModel, type SourceWish } from "./span-model.ts";
import { isSame, noticeChanges, standingNotices, type Notice } from "./standing-notices.ts";
import { TraceListModel } from "./trace-list-model.ts";
import { TraceModel } from "./trace-model.ts";

/** Where the panel keeps what survives a reload: VS Code's `getState` and `setState`. */
export interface StateStore {
  getState(): unknown;
  setState(state: unknown): void;
}

/** What the panel's buttons ask VS Code to do. */
export type PanelCommand =
  | "save-trace"
  | "open-file"
  | "clear"
  | "open-settings"
  | "start-debugging"
  | "manage-trust"
  | "show-walkthrough"
  | "copy-environment";

/** Something that a person is told until they close it. */
/**
 * All that the panel shows and all that can be done with it. The views read it and call it; it tells them through
 * `changed` that something is different, and never what.
 */
export class PanelModel {
  readonly list: TraceListModel;
  readonly trace: TraceModel;
  readonly span: SpanModel;
  readonly logs: LogModel;
  readonly slots: ServiceSlots;
  readonly #connection: Connection;
  readonly #store: StateStore;
  readonly #changed: () => void;
  #saved: SavedState;
  #host: PanelState | undefined;
  #notices: readonly Notice[] = [];
  #status = "";
  #restoredRow: SpanRow | undefined;
  /** The trace that was open before the reload, until it is shown again. */
  #restored: TraceId | undefined;
  #announcedSelection = "";
  #focusSearch: () => void = () => undefined;
  #zoomFit: () => void = () => undefined;

  constructor(connection: Connection, store: StateStore, changed: () => void) {
    this.#connection = connection;
    this.#store = store;
    this.#changed = changed;
    this.#saved = readSavedState(store.getState());
    this.#restoredRow = this.#saved.row;
    this.#restored = this.#saved.traceId;
    this.slots = new ServiceSlots(this.#saved.serviceSlots);
    this.list = new TraceListModel(
      connection,
      {
        text: this.#saved.searchText,
        minDurationNs: this.#saved.minDurationNs,
        maxDurationNs: this.#saved.maxDurationNs,
      },
      () => this.#listChanged(),
    );
    this.trace = new TraceModel(connection, () => this.#traceChanged());
    this.logs = new LogModel(connection, changed);
    this.span = new SpanModel(
      connection,
      () => this.#spanChanged(),
      (problem) => this.notify({ ...problem, severity: "warning" }),
    );
    this.#listen();
  }

  /** Asks for everything there is to show. */
  start(): void {
    void this.#readHost();
    this.list.refresh();
    if (this.#saved.traceId !== undefined) this.trace.open(this.#saved.traceId);
    this.trace.search(this.#saved.searchText);
  }

  get host(): PanelState | undefined {
    return this.#host;
  }

  get saved(): SavedState {
    return this.#saved;
  }

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  /** The last thing worth saying aloud; shown in the status region. */
  get status(): string {
    return this.#status;
  }

  /** The list's entry of the opened trace, where the list holds it. */
  get summary(): TraceSummary | undefined {
    return this.list.shown.find((trace) => trace.traceId === this.trace.traceId);
  }

  get pinned(): boolean {
    return this.summary?.pinned ?? this.trace.columns?.pinned ?? false;
  }

  /** Lets the view answer what the palette's commands ask for. */
  onCommands(commands: { readonly focusSearch: () => void; readonly zoomFit: () => void }): void {
    this.#focusSearch = commands.focusSearch;
    this.#zoomFit = commands.zoomFit;
  }

  save(change: Partial<SavedState>): void {
    this.#saved = { ...this.#saved, ...change, serviceSlots: this.slots.entries() };
    this.#store.setState(this.#saved);
  }

  show(view: TraceView): void {
    this.save({ view });
    this.#changed();
  }

  showColumn(column: PanelColumn): void {
    this.save({ column });
    this.#changed();
  }

  say(status: string): void {
    this.#status = status;
    this.#changed();
  }

  search(text: string): void {
    this.list.search(text);
    this.trace.search(text);
    this.save({ searchText: text });
  }

  showDurations(durations: { readonly minNs: number; readonly maxNs: number } | undefined): void {
    this.list.showDurations(durations);
    this.save({ minDurationNs: durations?.minNs, maxDurationNs: durations?.maxNs });
  }

  clearFilter(): void {
    this.list.clearFilter();
    this.search("");
    this.save({ minDurationNs: undefined, maxDurationNs: undefined });
  }

  selectTrace(traceId: TraceId, column: PanelColumn = "trace"): void {
    if (traceId !== this.#saved.traceId) {
      this.span.select(undefined);
      this.save({ traceId, row: undefined, viewport: undefined });
    }
    this.save({ column });
    this.trace.open(traceId);
    this.#announceSelection();
    this.#changed();
  }

  /** @param wish also shows the span's line in the editor, or goes there. */
  selectSpan(row: SpanRow | undefined, wish?: SourceWish): void {
    this.#restoredRow = undefined;
    this.save({ row });
    this.span.select(row, wish);
  }

  /** Opens a location, by default the selected span's best. */
  async openSource(focus: boolean, location = this.span.source?.location): Promise<void> {
    await this.span.open(focus, location);
  }

  async pin(pinned: boolean): Promise<void> {
    const { traceId } = this.trace;
    if (traceId === undefined) return;
    const reply = await this.#connection.ask(pinTrace, { traceId, pinned });
    if (!reply.ok) this.notify({ ...reply.error, severity: "error" });
    else this.say(pinned ? "Trace pinned: it stays when others leave." : "Trace unpinned.");
    this.list.refresh();
  }

  async run(command: PanelCommand): Promise<void> {
    const traceId = command === "save-trace" ? this.trace.traceId : undefined;
    const reply = await this.#connection.ask(runPanelCommand, { command, traceId });
    if (!reply.ok) this.notify({ ...reply.error, severity: "error" });
  }

  async copy(text: string, what: string): Promise<void> {
    const reply = await this.#connection.ask(copyText, { text });
    if (reply.ok) this.say(`Copied ${what}.`);
    else this.notify({ ...reply.error, severity: "error" });
  }

  notify(notice: Notice): void {
    const others = this.#notices.filter((one) => one.code !== notice.code || one.message !== notice.message);
    this.#notices = [...others, notice].slice(-3);
    this.#status = notice.message;
    this.#changed();
  }

  dismiss(notice: Notice): void {
    this.#notices = this.#notices.filter((one) => one !== notice);
    this.#changed();
  }

  painted(traceId: TraceId, version: number, spanCount: number): void {
    this.#connection.emit(tracePainted, { traceId, version, spanCount, atMs: Date.now() });
  }

  #listen(): void {
    this.#connection.on(panelStateChanged, (state) => this.#setHost(state));
    this.#connection.on(stateChanged, (engine) => this.#setEngine(engine));
    this.#connection.on(problemFound, (problem) => {
      const { code, message, severity, advice } = problem;
      this.notify({ code, message, severity, ...(advice === undefined ? {} : { advice }) });
    });
    this.#connection.on(panelCommanded, ({ command, traceId, row, text, place }) => {
      switch (command) {
        case "focus-search":
          this.showColumn("list");
          this.#focusSearch();
          return;
        case "pin-selected":
          void this.pin(!this.pinned);
          return;
        case "save-selected":
          void this.run("save-trace");
          return;
        case "select-trace":
          if (traceId !== undefined) this.selectTrace(traceId);
          if (row !== undefined) this.selectSpan(row);
          return;
        case "filter-place":
          this.list.showPlace(place);
          this.showColumn("list");
          return;
        case "search":
          this.search(text ?? "");
          this.showColumn("list");
          return;
        case "zoom-fit":
          this.#zoomFit();
      }
    });
  }

  async #readHost(): Promise<void> {
    const reply = await this.#connection.ask(readPanelState, {});
    if (reply.ok) this.#setHost(reply.value);
    else this.notify({ ...reply.error, severity: "error" });
  }

  #setHost(state: PanelState): void {
    const before = this.#host;
    this.#host = state;
    this.#noteStanding(before?.engine, state.engine);
    this.logs.noteVersion(state.engine?.logVersion);
    // Another engine has another store: whatever is shown is asked for again.
    if (state.restarted !== undefined && state.restarted !== before?.restarted) {
      this.list.refresh();
      this.trace.refresh();
      this.notify({ code: "engine-restarted", message: state.restarted, severity: "information" });
    }
    this.#changed();
  }

  #setEngine(engine: EngineState): void {
    if (this.#host !== undefined) {
      this.#noteStanding(this.#host.engine, engine);
      this.#host = { ...this.#host, engine };
    }
    this.logs.noteVersion(engine.logVersion);
    this.#changed();
  }

  /** Tells what has begun to go wrong, and takes away what is over. */
  #noteStanding(before: EngineState | undefined, now: EngineState | undefined): void {
    const { begun, over } = noticeChanges(standingNotices(before), standingNotices(now));
    this.#notices = this.#notices.filter((notice) => !over.some((other) => isSame(notice, other)));
    for (const notice of begun) this.notify(notice);
  }

  #spanChanged(): void {
    this.logs.show(this.span.span);
    this.#changed();
  }

  #listChanged(): void {
    // The order of arrival decides colours: the oldest trace's services come first.
    const { shown } = this.list;
    for (let i = shown.length - 1; i >= 0; i -= 1) {
      for (const service of shown[i]?.services ?? []) this.slots.slotOf(service);
    }
    const newest = shown[0];
    if (this.trace.traceId === undefined && newest !== undefined)
      this.selectTrace(newest.traceId, this.#saved.column);
    this.#dropGone();
    this.#announceSelection();
    this.#changed();
  }

  #traceChanged(): void {
    const { columns, status } = this.trace;
    if (columns !== undefined && status === "shown") {
      const row = this.#restoredRow ?? this.span.row;
      this.#restoredRow = undefined;
      if (row !== undefined && columns.row.includes(row)) {
        if (row === this.span.row) this.span.refresh();
        else this.span.select(row);
      }
    }
    if (status === "shown") this.#restored = undefined;
    if (status === "gone") this.span.select(undefined);
    this.#dropGone();
    this.#changed();
  }

  /**
   * A trace that left while it was looked at is said to be gone. One of the session before, or one of a store that was
   * cleared, makes room for the next that comes.
   */
  #dropGone(): void {
    const { traceId, status } = this.trace;
    if (traceId === undefined || status !== "gone") return;
    if (traceId !== this.#restored && this.list.latest?.totalCount !== 0) return;
    this.#restored = undefined;
    this.save({ traceId: undefined, row: undefined, viewport: undefined });
    this.trace.open(undefined);
    this.list.refresh();
  }

  #announceSelection(): void {
    const { traceId } = this.trace;
    const key = `${traceId ?? ""} ${String(this.pinned)}`;
    if (key === this.#announcedSelection) return;
    this.#announcedSelection = key;
    this.#connection.emit(selectionChanged, { traceId, pinned: this.pinned });
  }
}
