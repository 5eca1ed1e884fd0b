import protobuf from "protobufjs";
import { decodeTracesJson } from "../src/engine/decode/otlp-json.ts";
import { decodeTracesProtobuf } from "../src/engine/decode/otlp-protobuf.ts";
import { encodeTracesJson } from "../src/engine/query/encode-json.ts";
import { listTraces } from "../src/engine/query/list-traces.ts";
import type { TraceList } from "../src/model/trace-list.ts";
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

/** Decoding, storing, listing and opening, without sockets; peers run in the same process on the same bytes. */
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
  const storing = best(bodies, () => {
    const store = new SpanStore({ maxBytes: NO_LIMIT });
    return (body) => {
      decodeTracesProtobuf(body, batch);
      store.append(batch, FROM);
    };
  });
  const Request = protobuf.parse(OTLP_SCHEMA).root.lookupType("Request");
  const peer = best(bodies, () => (body) => Request.decode(body));

  const texts = bodies.slice(0, 20).map(asJson);
  const decodingJson = best(texts, () => (body) => decodeTracesJson(body, batch));
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
      name: "decode and store protobuf, times protobufjs decoding",
      value: storing / peer,
      unit: "×",
      better: "higher",
    },
    budgeted({ name: "decode JSON", value: decodingJson, unit: RATE, better: "higher", budget: 150_000 }),
    { name: "decode JSON, times JSON.parse", value: decodingJson / peerJson, unit: "×", better: "higher" },
  ];
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
  const label = `${spans / 1000}k spans`;
  const list =
    (text: string): (() => TraceList) =>
    () =>
      listTraces(store, { filter: { text }, limit: 200 });
  const place = { path: "/home/dev/shop/src/cart.ts", firstLine: 20, lastLine: 25 };
  const searches: readonly (readonly [name: string, run: () => TraceList])[] = [
    ["list all", list("")],
    ["search a status", list("status=error")],
    ["search a service", list("service=service-3")],
    ["search a duration", list("duration>500ms")],
    ["search an attribute", list("http.route=/cart")],
    ["search a rare value", list("request.id=0")],
    ["search a word that is nowhere", list("nowhere")],
    ["search two clauses", list("checkout status=error")],
    ["search a place in code", () => listTraces(store, { filter: { text: "", place }, limit: 200 })],
  ];
  return [
    budgeted({
      name: `memory, ${label}`,
      value: store.bytes / spans,
      unit: "bytes a span",
      better: "lower",
      budget: 200,
    }),
    ...searches.map(([name, run]) =>
      budgeted({ name: `${name}, ${label}`, value: quickest(run), unit: "ms", better: "lower", budget: 100 }),
    ),
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
