import type { Disposable } from "../../base/dispose.ts";
import { disposable } from "../../base/dispose.ts";
import { Emitter, type Listen } from "../../base/events.ts";
import { err, type Problem, type Result } from "../../base/result.ts";
import type { TraceId } from "../../model/ids.ts";
import type { Connection } from "../../protocol/connection.ts";
import {
  completeSearch,
  findSpans,
  listTraces,
  openTrace,
  pinTrace,
  readSpan,
  tracesChanged,
} from "../../protocol/engine.ts";
import { listLogs } from "../../protocol/logs.ts";
import {
  panelCommanded,
  panelStateChanged,
  readPanelState,
  selectionChanged,
  tracePainted,
  type PanelState,
} from "../../protocol/panel.ts";
import type { Engine } from "../engine/engine.ts";

/** What the panels need of the engine. */
export type PanelEngine = Pick<Engine, "askByName" | "onTracesChanged">;

/** What the panel may ask of the engine; anything else that a page asks for stays unanswered. */
const FOR_ENGINE: ReadonlySet<string> = new Set(
  [listTraces, openTrace, readSpan, findSpans, completeSearch, pinTrace, listLogs].map(({ name }) => name),
);

/** The parameters of an event as its guard has them. */
type EventParams<Type> = Type extends { readonly isParams: (value: unknown) => value is infer Params }
  ? Params
  : never;
type CommandParams = EventParams<typeof panelCommanded>;
/** A command to the panel, with what it is about. */
export type PanelCommand = Pick<CommandParams, "command"> & Partial<CommandParams>;
export type Painted = EventParams<typeof tracePainted>;

export interface Selection {
  readonly traceId: TraceId | undefined;
  readonly pinned: boolean;
}

/**
 * All places where the panel is shown: each has a link of its own, all show the same traces.
 */
export class PanelHub implements Disposable {
  readonly #engine: PanelEngine;
  readonly #state: () => PanelState;
  readonly #ready = new Set<Connection>();
  readonly #listening: Disposable;
  readonly #selectionChanged = new Emitter<Selection>();
  readonly #painted = new Emitter<Painted>();
  /** A command that came before any panel was drawn. */
  #held: PanelCommand | undefined;
  #selection: Selection = { traceId: undefined, pinned: false };
  #stateDue: NodeJS.Immediate | undefined;

  readonly onSelectionChanged: Listen<Selection> = this.#selectionChanged.listen;
  readonly onPainted: Listen<Painted> = this.#painted.listen;

  constructor(engine: PanelEngine, state: () => PanelState) {
    this.#engine = engine;
    this.#state = state;
    this.#listening = engine.onTracesChanged((change) => {
      for (const connection of this.#ready) connection.emit(tracesChanged, change);
    });
  }

  /** What is selected in the panel that was used last. */
  get selection(): Selection {
    return this.#selection;
  }

  /** Takes a page's link in; dispose what is returned when the page goes. */
  attach(connection: Connection): Disposable {
    connection.handle(readPanelState, () => {
      this.#ready.add(connection);
      // After the reply has gone out.
      setImmediate(() => this.#release());
      return this.#state();
    });
    connection.on(selectionChanged, ({ traceId, pinned }) => {
      this.#selection = { traceId, pinned };
      this.#selectionChanged.emit(this.#selection);
    });
    connection.on(tracePainted, (painted) => this.#painted.emit(painted));
    connection.forwardUnhandled((name, params, signal) => this.#forward(name, params, signal));
    return disposable(() => {
      this.#ready.delete(connection);
      connection.dispose();
    });
  }

  /** Sends a command to every panel; the next one to be drawn gets it, where none is. */
  command(command: PanelCommand): void {
    this.#held = command;
    this.#release();
  }

  /** Tells all panels the state, once for all changes of one turn. */
  stateChanged(): void {
    this.#stateDue ??= setImmediate(() => {
      this.#stateDue = undefined;
      const state = this.#state();
      for (const connection of this.#ready) connection.emit(panelStateChanged, state);
    });
  }

  dispose(): void {
    clearImmediate(this.#stateDue);
    this.#listening.dispose();
    this.#selectionChanged.dispose();
    this.#painted.dispose();
    for (const connection of this.#ready) connection.dispose();
    this.#ready.clear();
  }

  #release(): void {
    if (this.#held === undefined || this.#ready.size === 0) return;
    const params = { traceId: undefined, row: undefined, place: undefined, ...this.#held };
    for (const connection of this.#ready) connection.emit(panelCommanded, params);
    this.#held = undefined;
  }

  #forward(name: string, params: unknown, signal: AbortSignal): Promise<Result<unknown, Problem>> {
    if (FOR_ENGINE.has(name)) return this.#engine.askByName(name, params, signal);
    return Promise.resolve(err({ code: "unknown-request", message: `The panel may not ask for ${name}.` }));
  }
}
