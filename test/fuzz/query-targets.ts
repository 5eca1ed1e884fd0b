import assert from "node:assert/strict";
import { decodeLogsProtobuf } from "../../src/engine/decode/otlp-logs-protobuf.ts";
import { decodeTracesProtobuf } from "../../src/engine/decode/otlp-protobuf.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { listLogs } from "../../src/engine/query/list-logs.ts";
import { runAtOnce } from "../../src/engine/query/slices.ts";
import { StackCache } from "../../src/engine/query/stack-cache.ts";
import { answerJaeger } from "../../src/engine/serve/jaeger-api.ts";
import { LogStore } from "../../src/engine/store/log-store.ts";
import { SpanStore } from "../../src/engine/store/span-store.ts";
import { LogBatch } from "../../src/model/log-batch.ts";
import { SpanBatch } from "../../src/model/span-batch.ts";
import { JSON_BODIES, PROTOBUF_BODIES, SEARCHES } from "./bodies.ts";
import { LOGS_BODY } from "./logs-request-targets.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import { mutateJson } from "./mutate-json.ts";
import type { Random } from "./random.ts";
import { FROM_OUTSIDE } from "./reading-target.ts";
import type { Target } from "./target.ts";

const utf8 = new TextEncoder();
const ON_HTTP = { sessionId: undefined, channel: "http" } as const;
const MAX_BYTES = 64 * 2 ** 20;

/** Texts that somebody types, and addresses that programs ask for. */
export function queryTargets(): readonly Target[] {
  const engine = createEngine({ maxBytes: MAX_BYTES });
  for (const body of JSON_BODIES) engine.sink.traces(utf8.encode(body), "json", ON_HTTP);
  const [trace] = engine.listTraces({ filter: { text: "" }, limit: 1 }).traces;
  assert.ok(trace !== undefined);
  const spans = spanStore();
  const logs = logStore();
  const stacks = new StackCache();

  return [
    {
      name: "searches for traces",
      weight: 0.5,
      make: anySearch,
      check(input) {
        const text = textOf(input);
        const list = engine.listTraces({ filter: { text }, limit: 5 });
        assert.ok(list.matchingCount <= list.totalCount && list.traces.length <= 5);
        if (list.textProblem !== undefined) {
          const { start, end } = list.textProblem;
          assert.ok(start >= 0 && start <= end && end <= text.length, "a problem is in the text");
        }
        const offset = text.length >> 1;
        for (const { insert, start } of engine.completeSearch({ text, offset }))
          assert.ok(insert !== "" && start >= 0 && start <= offset, "a completion fits");
        assert.ok(engine.findSpans({ traceId: trace.traceId, text }).rows.length <= trace.spanCount);
        return list.textProblem === undefined ? "accepted" : "refused";
      },
    },
    {
      name: "searches for log records",
      weight: 0.5,
      make: anySearch,
      check(input) {
        const filter = { text: textOf(input) };
        const { records, totalCount } = runAtOnce(listLogs(logs, { filter, limit: 5 }, stacks, 0));
        assert.ok(totalCount <= logs.count && records.length === Math.min(totalCount, 5));
        return "accepted";
      },
    },
    {
      name: "addresses of Jaeger's API",
      weight: 0.5,
      make: anyAddress,
      check(input) {
        const address = `http://localhost/api/v3/${textOf(input).replace(/^[/\\]+/, "")}`;
        if (!URL.canParse(address)) return "refused";
        const reply = runAtOnce(answerJaeger(new URL(address), spans));
        if (reply === undefined) return "refused";
        let text = typeof reply.body === "string" ? reply.body : "";
        if (typeof reply.body === "function") runAtOnce(reply.body((piece) => (text += piece)));
        assert.equal(typeof JSON.parse(text), "object", "a reply is JSON");
        assert.ok([200, 400, 404].includes(reply.status), `status ${reply.status}`);
        return reply.status === 200 ? "accepted" : "refused";
      },
    },
  ];
}

function anySearch(random: Random): Uint8Array {
  return mutateBytes(utf8.encode(random.pick(SEARCHES)), random, utf8.encode(random.pick(SEARCHES)));
}

/** What Jaeger's own interface asks, changed as text, as values of its parameters, or as the JSON in one of them. */
function anyAddress(random: Random): Uint8Array {
  const [path, parameters] = random.pick(ADDRESSES);
  const pairs = Object.entries(parameters).filter(() => random.chance(0.8));
  const changed = pairs.map(([name, value]): [string, string] => {
    if (!random.chance(0.5)) return [name, value];
    if (name.endsWith("attributes") && random.chance(0.7)) return [name, mutateJson(value, random)];
    if (random.chance(0.5)) return [name, random.pick(EDGES)];
    return [name, textOf(mutateBytes(utf8.encode(value), random))];
  });
  const address = utf8.encode(`${path}?${new URLSearchParams(changed).toString()}`);
  return random.chance(0.2) ? mutateBytes(address, random) : address;
}

const SEARCH = {
  "query.service_name": "cart",
  "query.operation_name": "span 1",
  "query.start_time_min": "2023-11-14T22:13:20.000000001Z",
  "query.start_time_max": "2033-11-14T22:13:20+01:30",
  "query.duration_min": "1.5ms",
  "query.duration_max": "1h2m3s",
  "query.attributes": '{"key.0":"GET /cart","b":"c"}',
  "query.search_depth": "20",
};
const ADDRESSES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["services", {}],
  ["operations", { service: "cart", span_kind: "server" }],
  ["traces", SEARCH],
  ["trace-summaries", SEARCH],
  ["traces", { "query.serviceName": "shop", "query.numTraces": "5", "query.durationMin": "2us" }],
  ["traces/01010101010101010101010101010101", { start_time: "2023-11-14T22:13:20Z" }],
];

/** At which readers of durations, times and numbers change their minds. */
const EDGES = [
  "",
  "0",
  "-1s",
  "1e400s",
  "9223372036854775807ns",
  "9223372036854775808ns",
  ".s",
  "1.s",
  "1µs",
  "1s ",
  "2023-02-30T00:00:00Z",
  "9999-12-31T23:59:60Z",
  "0000-01-01T00:00:00.999999999999Z",
  "99999999999999999999",
  '{"__proto__":"a"}',
  "[]",
];

function spanStore(): SpanStore {
  const store = new SpanStore({ maxBytes: MAX_BYTES });
  const batch = new SpanBatch();
  for (const body of PROTOBUF_BODIES) {
    decodeTracesProtobuf(body, batch);
    store.append(batch, FROM_OUTSIDE);
  }
  return store;
}

function logStore(): LogStore {
  const store = new LogStore({ maxBytes: MAX_BYTES });
  const batch = new LogBatch();
  decodeLogsProtobuf(LOGS_BODY, batch);
  store.append(batch, FROM_OUTSIDE);
  return store;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
