import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { decodeTracesProtobuf } from "../../src/engine/decode/otlp-protobuf.ts";
import { decodeTracesJson } from "../../src/engine/decode/otlp-json.ts";
import { encodeTracesJson } from "../../src/engine/query/encode-json.ts";
import { encodeTracesProtobuf } from "../../src/engine/query/encode-protobuf.ts";
import { SpanStore } from "../../src/engine/store/span-store.ts";
import { OUTSIDE_ANY_RUN } from "../../src/model/ids.ts";
import { SpanBatch, type DecodeIssues } from "../../src/model/span-batch.ts";
import type { Suite } from "./suite.ts";

/** opentelemetry-proto's examples: what is kept comes out again as it came in, and the other signals are accepted. */
export const runOtlp: Suite = (folder) => {
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  return [
    {
      title: "trace.json, as JSON",
      check() {
        const json = read("trace.json");
        assert.deepEqual(
          sorted(JSON.parse(text(encodeTracesJson(stored(json, decodeTracesJson)).json))),
          sorted(JSON.parse(text(json))),
        );
      },
    },
    {
      title: "trace.json, as protobuf",
      check() {
        const json = read("trace.json");
        const { protobuf } = encodeTracesProtobuf(stored(json, decodeTracesJson));
        const again = encodeTracesJson(stored(protobuf, decodeTracesProtobuf)).json;
        assert.deepEqual(sorted(JSON.parse(text(again))), sorted(JSON.parse(text(json))));
      },
    },
    { title: "metrics.json", check: () => assertTaken("metrics", read("metrics.json")) },
    { title: "logs.json", check: () => assertTaken("logs", read("logs.json")) },
    { title: "events.json", check: () => assertTaken("logs", read("events.json")) },
  ];
};

function stored(body: Uint8Array, decode: (body: Uint8Array, into: SpanBatch) => DecodeIssues): SpanStore {
  const store = new SpanStore({ maxBytes: 1e9 });
  const batch = new SpanBatch();
  assert.deepEqual(decode(body.slice(), batch), { rejectedCount: 0, message: "", malformed: false });
  store.append(batch, { session: undefined, run: OUTSIDE_ANY_RUN, channel: "file" });
  return store;
}

function assertTaken(signal: "metrics" | "logs", body: Uint8Array): void {
  const engine: Engine = createEngine();
  const { acceptedCount, malformed, message } = engine.sink[signal](body, "json", {
    sessionId: undefined,
    channel: "http",
  });
  assert.deepEqual({ malformed, message }, { malformed: false, message: "" });
  assert.ok(acceptedCount > 0, "something was accepted");
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

/** Leaves out what need not be written, and forms that mean the same: order of fields, case of ids, numbers as strings. */
function sorted(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => sorted(item));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, inner]) => [name, sorted(inner, name)] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return key.endsWith("Id") && typeof value === "string" ? value.toLowerCase() : String(value);
}
