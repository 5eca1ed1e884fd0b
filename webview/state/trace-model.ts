import type { Problem } from "../../src/base/result.ts";
import type { SpanRow, TraceId } from "../../src/model/ids.ts";
import type { TraceColumns } from "../../src/model/trace.ts";
import type { Connection } from "../../src/protocol/connection.ts";
import { findSpans, openTrace, tracesChanged } from "../../src/protocol/engine.ts";
import { LatestOnly } from "./latest-only.ts";

/** The trace in the middle. `gone` is one that left because of the limit, was cleared, or never was held. */
export type TraceStatus = "none" | "loading" | "shown" | "gone" | "failed";

/** The opened trace: its columns, followed while they change, and the search hits in it. */
export class TraceModel {
  readonly #connection: Connection;
  readonly #changed: () => void;
  readonly #refresh: LatestOnly;
  #traceId: TraceId | undefined;
  #status: TraceStatus = "none";
  #columns: TraceColumns | undefined;
  #problem: Problem | undefined;
  #searchText = "";
  #hits: readonly number[] = [];
  #hitRows: ReadonlySet<number> = new Set();
  #finding: AbortController | undefined;
  /** The engine said of this very trace that it changed: "no news" then means that it is gone. */
  #touched = false;

  constructor(connection: Connection, changed: () => void) {
    this.#connection = connection;
    this.#changed = changed;
    this.#refresh = new LatestOnly(() => this.#read());
    connection.on(tracesChanged, ({ traceIds, more }) => {
      if (this.#traceId === undefined) return;
      const touched = traceIds.includes(this.#traceId);
      if (touched) this.#touched = true;
      if (touched || more) this.#refresh.request();
    });
  }

  get traceId(): TraceId | undefined {
    return this.#traceId;
  }

  get status(): TraceStatus {
    return this.#status;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** The columns of the opened trace; while another one loads, still those of the one before. */
  get columns(): TraceColumns | undefined {
    return this.#columns;
  }

  /** Indices of the spans that match the search, ascending. */
  get hits(): readonly number[] {
    return this.#hits;
  }

  isHit(row: number): boolean {
    return this.#hitRows.has(row);
  }

  open(traceId: TraceId | undefined): void {
    if (traceId === this.#traceId && this.#status !== "gone" && this.#status !== "failed") return;
    this.#traceId = traceId;
    this.#status = traceId === undefined ? "none" : "loading";
    if (traceId === undefined) this.#columns = undefined;
    this.#setHits([]);
    if (traceId !== undefined) this.#refresh.request();
    this.#changed();
  }

  refresh(): void {
    if (this.#traceId === undefined) return;
    this.#touched = true;
    this.#refresh.request();
  }

  /** Marks the spans that match the list's search text. */
  search(text: string): void {
    if (text === this.#searchText) return;
    this.#searchText = text;
    void this.#find();
  }

  /** The row of a span of the shown columns. */
  rowOf(span: number): SpanRow | undefined {
    return this.#columns?.row[span] as SpanRow | undefined;
  }

  async #read(): Promise<void> {
    const traceId = this.#traceId;
    if (traceId === undefined) return;
    const shown = this.#columns?.traceId === traceId ? this.#columns : undefined;
    const touched = this.#touched;
    this.#touched = false;
    let reply = await this.#connection.ask(openTrace, { traceId, unlessVersion: shown?.version });
    if (reply.ok && reply.value === undefined && shown !== undefined && touched) {
      reply = await this.#connection.ask(openTrace, { traceId, unlessVersion: undefined });
      if (reply.ok && reply.value === undefined) this.#columns = undefined;
    }
    if (traceId !== this.#traceId) {
      this.#refresh.request();
      return;
    }
    if (!reply.ok) {
      this.#problem = reply.error;
      this.#status = "failed";
    } else if (reply.value !== undefined) {
      this.#columns = withInfinity(reply.value);
      this.#status = "shown";
      this.#setHits([]);
      void this.#find();
    } else if (this.#columns?.traceId !== traceId) {
      this.#columns = undefined;
      this.#status = "gone";
    } else {
      this.#status = "shown";
    }
    this.#changed();
  }

  async #find(): Promise<void> {
    this.#finding?.abort();
    const columns = this.#columns;
    const text = this.#searchText.trim();
    if (columns === undefined || text === "" || columns.traceId !== this.#traceId) {
      this.#setHits([]);
      this.#changed();
      return;
    }
    this.#finding = new AbortController();
    const reply = await this.#connection.ask(
      findSpans,
      { traceId: columns.traceId, text },
      this.#finding.signal,
    );
    if (!reply.ok || columns !== this.#columns) return;
    const rows = new Set(reply.value.rows);
    const hits: number[] = [];
    for (let span = 0; span < columns.spanCount; span += 1) {
      if (rows.has(columns.row[span] ?? -1)) hits.push(span);
    }
    this.#hits = hits;
    this.#hitRows = rows;
    this.#changed();
  }

  #setHits(hits: readonly number[]): void {
    this.#hits = hits;
    this.#hitRows = new Set();
  }
}

/** VS Code passes messages to a webview as JSON, buffers aside: the end of a pause that lasts arrives as null. */
function withInfinity(columns: TraceColumns): TraceColumns {
  const { pauses } = columns;
  if (pauses === undefined) return columns;
  const bands = pauses.bands.map((band) => ({ ...band, end: (band.end as number | null) ?? Infinity }));
  return { ...columns, pauses: { ...pauses, bands } };
}
