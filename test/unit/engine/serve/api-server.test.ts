import { readFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createEngine } from "../../../../src/engine/engine.ts";
import { openApiServer } from "../../../../src/engine/serve/api-server.ts";
import { EventLoopLag } from "../../../../src/engine/serve/event-loop-lag.ts";
import type { Health } from "../../../../src/engine/serve/metrics-text.ts";
import { jsonRequest, spanOf, textAttribute, TRACE } from "../otlp-request.ts";

const OTHER = "00000000000000000000000000000abc";
let port = 0;

beforeEach(async () => {
  const engine = createEngine();
  const lag = new EventLoopLag();
  const health = (): Health => ({
    ...engine.state,
    refusedCount: engine.state.rejectedCount,
    receivedCount: engine.receivedCount,
    receivedPointCount: engine.receivedPointCount,
    refusedPointCount: engine.refusedPointCount,
    evictedSampleCount: 4,
    receivedLogCount: engine.receivedLogCount,
    refusedLogCount: engine.refusedLogCount,
    evictedLogCount: 5,
    log: { bytes: 6, lagBytes: 7 },
    residentBytes: 1,
    cpuSeconds: 2,
    lag: lag.read(),
  });
  const opened = await openApiServer({ port: 0, store: engine.store, health });
  if (!opened.ok) throw new Error(opened.error.message);
  port = opened.value.port;
  onTestFinished(async () => {
    lag.dispose();
    await Promise.all([opened.value.close(), engine.dispose()]);
  });
  const origin = { sessionId: undefined, channel: "http" } as const;
  engine.sink.traces(jsonRequest([spanOf(1), spanOf(2, { kind: 3 })], "shop"), "json", origin);
  const slow = spanOf(3, {
    traceId: OTHER,
    name: "slow",
    startTimeUnixNano: "1700000100000000000",
    endTimeUnixNano: "1700000105000000000",
    attributes: [textAttribute("http.route", "/cart")],
  });
  engine.sink.traces(jsonRequest([slow], "cart"), "json", origin);
});

/** As much of the API's replies as the tests look into. */
interface Reply {
  readonly operations: readonly object[];
  readonly result: {
    readonly resourceSpans: readonly {
      readonly scopeSpans: readonly { readonly spans: readonly ReplySpan[] }[];
    }[];
  };
}

interface ReplySpan extends Record<string, unknown> {
  readonly traceId: string;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** The reply where it is JSON. */
  readonly body: Reply;
}

async function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  const sent = request({ port, host: "127.0.0.1", path, headers, method, agent: false }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const text = (await response.setEncoding("utf8").toArray()).join("");
  const isJson = response.headers["content-type"] === "application/json";
  const body = JSON.parse(isJson ? text : "{}") as Reply;
  return { status: response.statusCode, headers: response.headers, text, body };
}

/** The ids of the traces in a reply. */
function idsIn({ body }: Answer): string[] {
  const spans = body.result.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap((scope) => scope.spans),
  );
  return [...new Set(spans.map(({ traceId }) => traceId))].sort();
}

test("names services and operations", async () => {
  expect((await ask("/api/v3/services")).body).toEqual({ services: ["cart", "shop"] });
  expect((await ask("/api/v3/operations?service=shop")).body).toEqual({
    operations: [
      { name: "span 1", spanKind: "server" },
      { name: "span 2", spanKind: "client" },
    ],
  });
  expect((await ask("/api/v3/operations?service=shop&span_kind=CLIENT")).body.operations).toHaveLength(1);
});

test.each([
  ["", [OTHER, TRACE].sort()],
  ["query.service_name=cart", [OTHER]],
  ["query.service_name=nobody", []],
  ["query.service_name=shop&query.operation_name=slow", []],
  ["query.duration_min=1s", [OTHER]],
  ["query.duration_max=1s", [TRACE]],
  ["query.start_time_min=2023-11-14T22:14:00Z", [OTHER]],
  ["query.start_time_max=2023-11-14T22:14:00Z", [TRACE]],
  ['query.attributes={"http.route":"/cart"}', [OTHER]],
  ['query.attributes={"http.route":"/none"}', []],
  ["query.search_depth=1", [OTHER]],
])("finds by %s", async (query, expected) => {
  expect(idsIn(await ask(`/api/v3/traces?${encodeURI(query)}`))).toEqual(expected);
});

test.each([
  [`/api/v3/traces/${TRACE}`, 200],
  [`/api/v3/traces/${TRACE.toUpperCase()}`, 200],
  ["/api/v3/traces/abc", 200],
  [`/api/v3/traces/${"f".repeat(32)}`, 404],
  ["/api/v3/traces/xyz", 400],
  ["/api/v3/traces?query.duration_min=x", 400],
  ["/api/v3/operations", 400],
  ["/api/v3/operations?service=a&span_kind=b", 400],
  ["/elsewhere", 404],
  ["//", 404],
])("answers %s with %i", async (path, status) => {
  const answer = await ask(path);
  expect(answer.status).toBe(status);
  if (status !== 200)
    expect(answer.body).toEqual({ code: expect.any(Number), message: expect.any(String), details: [] });
});

describe("refuses", () => {
  test.each([
    ["a host that may be rebound", "GET", { host: "evil.example" }, 403],
    ["a page from elsewhere", "GET", { origin: "https://evil.example" }, 403],
    ["another method", "DELETE", {}, 405],
    ["a body", "GET", { "content-length": "5" }, 413],
  ])("%s", async (_, method, headers, status) => {
    expect((await ask("/api/v3/services", headers, method)).status).toBe(status);
  });
});

describe("limits", () => {
  test("connections beyond 64 are cut", async () => {
    const connectToApi = async (): Promise<Socket> => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      onTestFinished(() => {
        socket.destroy();
      });
      await once(socket, "connect");
      return socket;
    };
    const kept = await Promise.all(Array.from({ length: 64 }, connectToApi));
    await once((await connectToApi()).resume(), "close");
    expect(kept.some((socket) => socket.closed)).toBe(false);
  });

  test("headers beyond 16 KiB: 431", async () => {
    expect((await ask("/metrics", { cookie: "x".repeat(15_000) })).status).toBe(200);
    expect((await ask("/metrics", { cookie: "x".repeat(17_000) })).status).toBe(431);
  });
});

test("lets pages of this machine read", async () => {
  const origin = "http://localhost:3000";
  expect((await ask("/metrics", { origin })).headers["access-control-allow-origin"]).toBe(origin);
  const preflight = await ask("/metrics", { origin }, "OPTIONS");
  expect(preflight.status).toBe(204);
  expect(preflight.headers["access-control-allow-methods"]).toBe("GET");
});

test("tells its health in Prometheus' format", async () => {
  const { headers, text } = await ask("/metrics");
  expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  const lines = text.trimEnd().split("\n");
  for (const line of lines)
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{quantile="[\d.]+"\})? [\d.e+-]+)$/);
  expect(lines).toEqual(
    expect.arrayContaining([
      "spanlight_spans 3",
      "spanlight_traces 2",
      "spanlight_spans_received_total 3",
      "spanlight_spans_refused_total 0",
      "spanlight_traces_evicted_total 0",
      "spanlight_data_points_received_total 0",
      "spanlight_samples_evicted_total 4",
      "spanlight_log_records_received_total 0",
      "spanlight_log_records_evicted_total 5",
      "spanlight_session_log_bytes 6",
      "spanlight_session_log_lag_bytes 7",
      expect.stringMatching(/^spanlight_store_bytes [1-9]/),
      expect.stringMatching(/^spanlight_store_limit_bytes [1-9]/),
      expect.stringMatching(/^spanlight_event_loop_lag_seconds\{quantile="0.99"\} /),
    ]),
  );
});

const golden = fileURLToPath(new URL("../../../../../shared/conformance/jaeger/api_v3/", import.meta.url));

/** The replies of Jaeger's own server, where they are at hand. */
test("has the shape of Jaeger's replies", async (context) => {
  const read = (name: string): Reply => {
    try {
      return JSON.parse(readFileSync(`${golden}${name}.json`, "utf8")) as Reply;
    } catch {
      return context.skip("Jaeger's replies are not on this machine");
    }
  };
  expect(Object.keys((await ask("/api/v3/services")).body)).toEqual(Object.keys(read("GetServices")));
  const operations = (await ask("/api/v3/operations?service=shop")).body;
  expect(Object.keys(operations.operations[0] ?? {})).toEqual(
    Object.keys(read("GetOperations").operations[0] ?? {}),
  );
  const span = ({ result }: Reply): Record<string, unknown> =>
    result.resourceSpans[0]?.scopeSpans[0]?.spans[0] ?? {};
  for (const [name, path] of [
    ["FindTraces", "/api/v3/traces"],
    ["GetTrace", `/api/v3/traces/${TRACE}`],
  ] as const) {
    const ours = span((await ask(path)).body);
    const theirs = span(read(name));
    for (const key of ["kind", "name", "spanId", "traceId"])
      expect(typeof ours[key]).toBe(typeof theirs[key]);
    expect(ours["spanId"]).toHaveLength(String(theirs["spanId"]).length);
  }
});
