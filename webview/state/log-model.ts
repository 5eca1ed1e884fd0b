import type { SpanId, TraceId } from "../../src/model/ids.ts";
import type { LogList } from "../../src/model/log-record.ts";
import type { Span } from "../../src/model/span.ts";
import type { Connection } from "../../src/protocol/connection.ts";
import { listLogs } from "../../src/protocol/logs.ts";
import { LatestOnly } from "./latest-only.ts";

/** More records than a person reads of one span. */
const MAX_RECORDS = 500;

/** While a program logs, its span's records are asked for again this often at most. */
const REST_MS = 200;

/** The log records of the selected span. */
export class LogModel {
  readonly #connection: Connection;
  readonly #changed: () => void;
  readonly #reading = new LatestOnly(() => this.#read(), REST_MS);
  #of: { readonly traceId: TraceId; readonly spanId: SpanId } | undefined;
  #list: LogList | undefined;
  #version: number | undefined;

  constructor(connection: Connection, changed: () => void) {
    this.#connection = connection;
    this.#changed = changed;
  }

  /** The newest first; undefined until they are known. */
  get list(): LogList | undefined {
    return this.#list;
  }

  /** Shows the records of this span, or of none. */
  show(span: Span | undefined): void {
    if (span?.spanId === this.#of?.spanId && span?.traceId === this.#of?.traceId) return;
    this.#of = span;
    this.#list = undefined;
    if (span !== undefined) this.#reading.request();
  }

  /** Hears the version of the engine's log records: another one may mean other records of this span. */
  noteVersion(version: number | undefined): void {
    if (version === this.#version) return;
    this.#version = version;
    if (this.#of !== undefined) this.#reading.request();
  }

  async #read(): Promise<void> {
    const of = this.#of;
    if (of === undefined) return;
    const { traceId, spanId } = of;
    const reply = await this.#connection.ask(listLogs, { filter: { traceId, spanId }, limit: MAX_RECORDS });
    // What could not be read is asked for again with the next change.
    if (!reply.ok || of !== this.#of) return;
    this.#list = reply.value;
    this.#changed();
  }
}
