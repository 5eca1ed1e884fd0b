import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { openApiServer } from "../../src/engine/serve/api-server.ts";
import type { Case, Suite } from "./suite.ts";

const TRACE = "00000000000000000000000000000001";
const FOUND = {
  traceId: TRACE,
  spanId: "0000000000000002",
  name: "foobar",
  kind: 2,
  status: { code: 2 },
};
const ROOT = {
  ...FOUND,
  name: "HTTP GET /",
  startTimeUnixNano: "1000000000000",
  endTimeUnixNano: "1001000000000",
};
const CHILD = { ...ROOT, spanId: "0000000000000003", parentSpanId: ROOT.spanId, status: {} };
const service = (name: string) => ({
  attributes: [{ key: "service.name", value: { stringValue: name } }],
});

/** What Jaeger's own server answered of some spans: ours answers the same, up to what is empty. */
const REPLIES: readonly {
  readonly file: string;
  readonly path: string;
  readonly resource: object;
  readonly spans: readonly object[];
}[] = [
  { file: "GetServices.json", path: "/api/v3/services", resource: service("foo"), spans: [FOUND] },
  {
    file: "GetOperations.json",
    path: "/api/v3/operations?service=foo&span_kind=server",
    resource: service("foo"),
    spans: [{ ...FOUND, name: "get_users" }],
  },
  { file: "GetTrace.json", path: `/api/v3/traces/${TRACE}`, resource: {}, spans: [FOUND] },
  {
    file: "FindTraces.json",
    path: "/api/v3/traces?query.operation_name=foobar",
    resource: {},
    spans: [FOUND],
  },
  {
    file: "FindTraceSummaries.json",
    path: "/api/v3/trace-summaries?query.service_name=frontend",
    resource: service("frontend"),
    spans: [ROOT, CHILD],
  },
];

/** jaeger-idl's replies of its query API, and OTLP that its backends convert: every span is kept. */
export const runJaeger: Suite = (folder) => [
  ...REPLIES.filter(({ file }) => existsSync(join(folder, "api_v3", file))).map(
    ({ file, path, resource, spans }): Case => ({
      title: file,
      async check() {
        const reply = await answered(requestOf(resource, spans), path);
        assert.deepEqual(withoutEmpty(reply), withoutEmpty(readJson(join(folder, "api_v3", file))));
      },
    }),
  ),
  ...readdirSync(folder)
    .filter((name) => /^otlp2jaeger-.*in.*\.json$/.test(name))
    .map((name): Case => ({
      title: name,
      check() {
        const body = readFileSync(join(folder, name));
        const engine = createEngine();
        const spans = [...body.toString().matchAll(/"spanId":/g)].length;
        const links = [...body.toString().matchAll(/"links":/g)].length;
        const { acceptedCount, malformed } = take(engine, body);
        assert.deepEqual(
          { malformed, all: acceptedCount >= spans - 2 * links },
          { malformed: false, all: true },
        );
      },
    })),
];

function requestOf(resource: object, spans: readonly object[]): Buffer {
  return Buffer.from(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: {}, spans }] }] }));
}

function take(
  engine: Engine,
  body: Uint8Array,
): { readonly acceptedCount: number; readonly malformed: boolean } {
  return engine.sink.traces(body, "json", { sessionId: undefined, channel: "http" });
}

/** The API's answer about a request's spans, over HTTP. */
async function answered(body: Uint8Array, path: string): Promise<unknown> {
  const engine = createEngine();
  take(engine, body);
  const opened = await openApiServer({
    port: 0,
    store: engine.store,
    health: () => {
      throw new Error("nobody asks for it");
    },
  });
  assert.ok(opened.ok);
  try {
    const reply = await fetch(`http://127.0.0.1:${opened.value.port}${path}`);
    assert.equal(reply.status, 200);
    return await reply.json();
  } finally {
    await opened.value.close();
    await engine.dispose();
  }
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Empty objects, lists and texts say the same as nothing. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner)] as const);
  return Object.fromEntries(
    entries.filter(
      ([, inner]) =>
        inner !== "" && !(typeof inner === "object" && inner !== null && Object.keys(inner).length === 0),
    ),
  );
}
