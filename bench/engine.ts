import protobuf from "protobufjs";
import { rewriteTracesJson } from "../src/engine/decode/otlp-json-rewriter.ts";
import { decodeTracesJson } from "../src/engine/decode/otlp-json.ts";
import { decodeTracesProtobuf } from "../src/engine/decode/otlp-protobuf.ts";
import { DEFAULT_REDACTED_KEYS } from "../src/engine/decode/redact-keys.ts";
import { Redactor } from "../src/engine/decode/redact.ts";
import { encodeTracesJson } from "../src/engine/query/encode-json.ts";
import { openTrace } from "../src/engine/query/open-trace.ts";
import type { BatchOrigin } from "../src/engine/store/origin-table.ts";
import { SpanStore } from "../src/engine/store/span-store.ts";
import { OUTSIDE_ANY_RUN } from "../src/model/ids.ts";
import { SpanBatch } from "../src/model/span-batch.ts";
import { OTLP_SCHEMA } from "../test/unit/engine/otlp-oracle.ts";
import { requests } from "./engine-data.ts";
import { budgeted, type Row, type Suite } from "./row.ts";

const FROM: BatchOrigin = { session: undefined, run: OUTSIDE_ANY_RUN, channel: "http" };
const SPANS_A_REQUEST = 512;
/** Large enough that nothing leaves. */
const NO_LIMIT = 4e9;
const RATE = "spans per CPU second";

/** Decoding, storing and opening, without sockets; peers run in the same process on the same bytes. */
export const engineSuite: Suite = {
  title: "engine",
  run: ({ quick }) =>
    Promise.resolve([...rates(), ...sizes(quick ? 200_000 : 1_000_000), ...opening(100_000)]),
};

function rates(): Row[] {
  const bodies = [
    ...requests({ spans: 50_000, spansPerRequest: SPANS_A_REQUEST, spansPerTrace: 10, seed: 1 }),
  ];
  const batch = new SpanBatch();
  const decoding = best(bodies, () => (body) => decodeTracesProtobuf(body, batch));
  const storing = best(bodies, () => storingInto(undefined));
  const masking = best(bodies, () => storingInto(new Redactor(DEFAULT_REDACTED_KEYS)));
  const newTexts = [
    ...requests({
      spans: 50_000,
      spansPerRequest: SPANS_A_REQUEST,
      spansPerTrace: 10,
      seed: 6,
      allNew: true,
    }),
  ];
  const storingNew = best(newTexts, () => storingInto(undefined));
  const Request = protobuf.parse(OTLP_SCHEMA).root.lookupType("Request");
  const peer = best(bodies, () => (body) => Request.decode(body));

  // All of them: with a tenth as many, half of what was measured was the compiler at work.
  const texts = bodies.map(asJson);
  const decodingJson = best(texts, () => (body) => decodeTracesJson(body, batch));
  const rewritingJson = best(texts, () => rewriteTracesJson);
  const peerJson = best(texts, () => (body) => JSON.parse(new TextDecoder().decode(body)) as unknown);
  return [
    budgeted({ name: "decode protobuf", value: decoding, unit: RATE, better: "higher", budget: 800_000 }),
    { name: "decode protobuf, times protobufjs", value: decoding / peer, unit: "×", better: "higher" },
    budgeted({
      name: "decode and store protobuf",
      value: storing,
      unit: RATE,
      better: "higher",
      budget: 400_000,
    }),
    {
      name: "decode, mask and store protobuf",
      value: masking,
      unit: RATE,
      better: "higher",
    },
    {
      name: "masking, a span",
      value: 1e6 / masking - 1e6 / storing,
      unit: "µs",
      better: "lower",
    },
    {
      name: "decode and store protobuf, every text new",
      value: storingNew,
      unit: RATE,
      better: "higher",
    },
    {
      name: "decode and store protobuf, times protobufjs decoding",
      value: storing / peer,
      unit: "×",
      better: "higher",
    },
    budgeted({ name: "decode JSON", value: decodingJson, unit: RATE, better: "higher", budget: 150_000 }),
    budgeted({
      name: "rewrite JSON as protobuf, a span",
      value: 1e6 / rewritingJson,
      unit: "µs",
      better: "lower",
      budget: 2.5,
    }),
    { name: "decode JSON, times JSON.parse", value: decodingJson / peerJson, unit: "×", better: "higher" },
  ];
}

/** Takes requests into a store of its own, as the engine does. */
function storingInto(redactor: Redactor | undefined): (body: Uint8Array) => void {
  const store = new SpanStore({ maxBytes: NO_LIMIT });
  const batch = new SpanBatch(store.attributes);
  return (body) => {
    decodeTracesProtobuf(body, batch);
    redactor?.redact(batch);
    store.append(batch, FROM);
  };
}

/** The same request as JSON. */
function asJson(body: Uint8Array): Uint8Array {
  const store = new SpanStore({ maxBytes: NO_LIMIT });
  const batch = new SpanBatch();
  decodeTracesProtobuf(body, batch);
  store.append(batch, FROM);
  return encodeTracesJson(store).json;
}

/** Spans per CPU second of the best of five rounds: other programs on the machine only make a round slower. */
function best(bodies: readonly Uint8Array[], begin: () => (body: Uint8Array) => unknown): number {
  const spans = bodies.length * SPANS_A_REQUEST;
  let rate = 0;
  for (let round = 0; round < 5; round++) {
    const take = begin();
    const before = process.cpuUsage();
    for (const body of bodies) take(body);
    const { user, system } = process.cpuUsage(before);
    rate = Math.max(rate, (spans / (user + system)) * 1e6);
  }
  return rate;
}

function sizes(spans: number): Row[] {
  const store = new SpanStore({ maxBytes: NO_LIMIT });
  const batch = new SpanBatch();
  for (const body of requests({ spans, spansPerRequest: SPANS_A_REQUEST, spansPerTrace: 10, seed: 2 })) {
    decodeTracesProtobuf(body, batch);
    store.append(batch, FROM);
  }
  return [
    budgeted({
      name: `memory, ${spans / 1000}k spans`,
      value: store.bytes / spans,
      unit: "bytes a span",
      better: "lower",
      budget: 200,
    }),
  ];
}

function opening(spans: number): Row[] {
  const store = new SpanStore({ maxBytes: NO_LIMIT });
  const batch = new SpanBatch();
  for (const body of requests({ spans, spansPerRequest: SPANS_A_REQUEST, spansPerTrace: spans, seed: 3 })) {
    decodeTracesProtobuf(body, batch);
    store.append(batch, FROM);
  }
  const traceId = store.traces.idOf(0);
  return [
    budgeted({
      name: `open a trace of ${spans / 1000}k spans`,
      value: quickest(() => openTrace(store, traceId)),
      unit: "ms",
      better: "lower",
      // Half of what DESIGN.md gives to opening and painting together.
      budget: 100,
    }),
  ];
}

/** Milliseconds of CPU of the best of three. */
function quickest(run: () => unknown): number {
  let time = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    time = Math.min(time, (user + system) / 1000);
  }
  return time;
}
