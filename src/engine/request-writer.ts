import { WireWriter } from "../base/wire-writer.ts";
import type { SessionId } from "../model/ids.ts";
import type { RequestRecord } from "./log/record.ts";
import type { CountedRecord } from "./run-file/write.ts";
import type { SpanOrigin } from "./store/origin-table.ts";

/** Small enough that one is written and read again within a few milliseconds. */
const REQUEST_BYTES = 128 * 1024;

/**
 * Writes spans or log records that are held as OTLP requests again, each of one session, run, channel and connection.
 * Items keep their order; a change of resource or scope begins a new group of them.
 */
export class RequestWriter {
  readonly #signal: RequestRecord["signal"];
  readonly #writer = new WireWriter(2 * REQUEST_BYTES);
  #resourceMark = 0;
  #scopeMark = 0;
  #itemCount = 0;
  #latestMs = 0;
  #connection: number | undefined;
  /** That of the last item; undefined while no request is open. */
  #origin: SpanOrigin | undefined;

  constructor(signal: RequestRecord["signal"]) {
    this.#signal = signal;
  }

  /** Whether an item of this origin and connection may join the open request. */
  takes(origin: SpanOrigin, connection?: number): boolean {
    const open = this.#origin;
    return (
      open !== undefined &&
      this.#writer.length < REQUEST_BYTES &&
      open.session === origin.session &&
      open.run === origin.run &&
      open.channel === origin.channel &&
      this.#connection === connection
    );
  }

  /** Begins a request; the last one has been {@link end}ed. */
  begin(origin: SpanOrigin, connection?: number): void {
    this.#writer.clear();
    this.#itemCount = 0;
    this.#latestMs = 0;
    this.#connection = connection;
    this.#beginGroup(origin);
  }

  /** @param atMs when the item was over or happened, milliseconds since the epoch */
  add(origin: SpanOrigin, atMs: number, writeItem: (writer: WireWriter) => void): void {
    if (origin !== this.#origin) {
      this.#endGroup();
      this.#beginGroup(origin);
    }
    writeItem(this.#writer);
    this.#itemCount++;
    this.#latestMs = Math.max(this.#latestMs, atMs);
  }

  /** The open request; undefined where there is none. When it was received is not held: it tells the time of its latest item. */
  end(): CountedRecord | undefined {
    const origin = this.#origin;
    if (origin === undefined) return undefined;
    this.#endGroup();
    this.#origin = undefined;
    const connection = this.#connection;
    const record: RequestRecord = {
      kind: "request",
      signal: this.#signal,
      encoding: "protobuf",
      sessionId: origin.session as SessionId | undefined,
      run: origin.run,
      channel: origin.channel,
      receivedMs: this.#latestMs,
      body: this.#writer.written.slice(),
      ...(connection === undefined ? {} : { connection }),
    };
    return { record, itemCount: this.#itemCount };
  }

  #beginGroup(origin: SpanOrigin): void {
    const writer = this.#writer;
    this.#origin = origin;
    this.#resourceMark = writer.begin(0x0a);
    if (origin.resource.length > 0) writer.bytesField(0x0a, origin.resource);
    this.#scopeMark = writer.begin(0x12);
    if (origin.scope.length > 0) writer.bytesField(0x0a, origin.scope);
  }

  #endGroup(): void {
    const writer = this.#writer;
    const origin = this.#origin;
    if (origin === undefined) return;
    if (origin.scopeSchemaUrl !== "") writer.stringField(0x1a, origin.scopeSchemaUrl);
    writer.end(this.#scopeMark);
    if (origin.resourceSchemaUrl !== "") writer.stringField(0x1a, origin.resourceSchemaUrl);
    writer.end(this.#resourceMark);
  }
}
