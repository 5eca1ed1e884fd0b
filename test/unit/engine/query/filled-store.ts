import { decodeTracesProtobuf } from "../../../../src/engine/decode/otlp-protobuf.ts";
import type { BatchOrigin } from "../../../../src/engine/store/origin-table.ts";
import { SpanStore } from "../../../../src/engine/store/span-store.ts";
import type { RunNumber, TraceId } from "../../../../src/model/ids.ts";
import { SpanBatch } from "../../../../src/model/span-batch.ts";
import { encodeRequest, requestOf, spanId, spanOf, traceId } from "../otlp-oracle.ts";

/** The start from which sketches count. */
export const START_MS = 1_700_000_000_000;
const START = BigInt(START_MS) * 1_000_000n;

/** The moment at which these tests ask. */
export const NOW_MS = START_MS + 10_000;

/** A span as these tests write it: small numbers for ids, milliseconds since a common start. */
export interface Sketch {
  readonly trace?: number;
  readonly id: number;
  readonly parent?: number;
  readonly name?: string;
  readonly service?: string;
  readonly run?: number;
  readonly startMs?: number;
  /** Undefined while it runs. */
  readonly endMs?: number | undefined;
  readonly error?: boolean;
  readonly kind?: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** The stack of an exception that it recorded. */
  readonly exception?: string;
}

export function idOf(trace: number): TraceId {
  return Buffer.from(traceId(trace)).toString("hex") as TraceId;
}

/** A store that holds these spans, in this order of arrival. */
export function storeOf(sketches: readonly Sketch[]): SpanStore {
  const store = new SpanStore({ maxBytes: 1e9 });
  for (const sketch of sketches) addSpan(store, sketch);
  return store;
}

export function addSpan(store: SpanStore, sketch: Sketch): void {
  const { trace = 1, id, parent, startMs = 0, service = "shop", run = 0, error = false } = sketch;
  const endMs = "endMs" in sketch ? sketch.endMs : startMs + 1;
  const span = spanOf(id, {
    traceId: traceId(trace),
    ...(parent !== undefined && { parentSpanId: spanId(parent) }),
    ...(sketch.name !== undefined && { name: sketch.name }),
    ...(sketch.kind !== undefined && { kind: sketch.kind }),
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: endMs === undefined ? "0" : nanos(endMs),
    status: { code: error ? 2 : 0 },
    ...(sketch.exception !== undefined && {
      events: [
        {
          name: "exception",
          timeUnixNano: nanos(startMs),
          attributes: [{ key: "exception.stacktrace", value: { stringValue: sketch.exception } }],
        },
      ],
    }),
    attributes: Object.entries(sketch.attributes ?? {}).map(([key, value]) => ({
      key,
      value: typeof value === "string" ? { stringValue: value } : { intValue: String(value) },
    })),
  });
  const batch = new SpanBatch();
  decodeTracesProtobuf(encodeRequest(requestOf([span], service)), batch);
  const from: BatchOrigin = { session: undefined, run: run as RunNumber, channel: "http" };
  store.append(batch, from);
}

/** Nanoseconds since the epoch. */
export function startNsOf({ startMs = 0 }: Sketch): number {
  return Number(nanos(startMs));
}

function nanos(ms: number): string {
  return (START + BigInt(Math.round(ms * 1e6))).toString();
}
