import { decodeTracesProtobuf } from "../../../../src/engine/decode/otlp-protobuf.ts";
import { SpanStore } from "../../../../src/engine/store/span-store.ts";
import type { RunNumber, SessionId } from "../../../../src/model/ids.ts";
import type { Pause } from "../../../../src/model/pause.ts";
import { SpanBatch } from "../../../../src/model/span-batch.ts";
import { encodeRequest, requestOf, spanId, spanOf, traceId } from "../otlp-oracle.ts";

const START = 1_700_000_000_000_000_000n;
const nanos = (ms: number): string => (START + BigInt(ms) * 1_000_000n).toString();
export const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
export const SERVER = 2;
export const CLIENT = 3;

export interface Sketch {
  readonly id: number;
  readonly parent?: number;
  readonly service: string;
  readonly pid?: number | undefined;
  readonly host?: string;
  readonly session?: SessionId | undefined;
  readonly startMs: number;
  readonly endMs?: number;
  readonly kind?: number;
  readonly failed?: boolean;
  readonly thread?: string;
  /** The port that it calls or serves. */
  readonly port?: number;
  readonly channel?: "http" | "agent";
}

/** A store with these spans in one trace, and these pauses. */
export function storeOf(spans: readonly Sketch[], pauses: readonly Pause[]): SpanStore {
  const store = new SpanStore({ maxBytes: 1e9, hostName: "laptop" });
  for (const span of spans) {
    const request = requestOf(
      [
        spanOf(span.id, {
          traceId: traceId(1),
          ...(span.parent !== undefined && { parentSpanId: spanId(span.parent) }),
          name: `span ${span.id}`,
          kind: span.kind ?? 1,
          startTimeUnixNano: nanos(span.startMs),
          endTimeUnixNano: span.endMs === undefined ? "0" : nanos(span.endMs),
          status: { code: span.failed === true ? 2 : 0 },
          attributes: [
            ...(span.thread === undefined
              ? []
              : [{ key: "thread.name", value: { stringValue: span.thread } }]),
            ...(span.port === undefined ? [] : [{ key: "server.port", value: { intValue: span.port } }]),
          ],
        }),
      ],
      span.service,
    );
    const [resource] = request["resourceSpans"] as { resource: { attributes: object[] } }[];
    if (span.pid !== undefined)
      resource?.resource.attributes.push({ key: "process.pid", value: { intValue: span.pid } });
    if (span.host !== undefined)
      resource?.resource.attributes.push({ key: "host.name", value: { stringValue: span.host } });
    const batch = new SpanBatch();
    decodeTracesProtobuf(encodeRequest(request), batch);
    const session = "session" in span ? span.session : SESSION;
    store.append(batch, { session, run: 1 as RunNumber, channel: span.channel ?? "http" });
  }
  for (const one of pauses) store.recordPause(one);
  return store;
}

let pauseCount = 0;
/** Of the process with this number, in milliseconds since the trace's start. */
export const pause = (
  processId: number | undefined,
  fromMs: number,
  toMs?: number,
  more?: Partial<Pause>,
): Pause => ({
  id: `pause ${++pauseCount}`,
  sessionId: SESSION,
  processId,
  name: "Shop",
  startTimeUnixNano: nanos(fromMs),
  endTimeUnixNano: toMs === undefined ? undefined : nanos(toMs),
  ...more,
});
