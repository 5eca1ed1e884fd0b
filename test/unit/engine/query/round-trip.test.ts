import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTracesJson } from "../../../../src/engine/decode/otlp-json.ts";
import { decodeTracesProtobuf } from "../../../../src/engine/decode/otlp-protobuf.ts";
import { encodeTracesJson } from "../../../../src/engine/query/encode-json.ts";
import { encodeTracesProtobuf } from "../../../../src/engine/query/encode-protobuf.ts";
import { SpanStore } from "../../../../src/engine/store/span-store.ts";
import type { RunNumber } from "../../../../src/model/ids.ts";
import { SpanBatch, type DecodeIssues } from "../../../../src/model/span-batch.ts";
import { anyRequest, decodeRequest, encodeRequest } from "../otlp-oracle.ts";

const CONFORMANCE = new URL("../../../../../shared/conformance/otlp/", import.meta.url);

type Decode = (body: Uint8Array, into: SpanBatch) => DecodeIssues;

function storeOf(body: Uint8Array, decode: Decode): SpanStore {
  const store = new SpanStore({ maxBytes: 1e9 });
  const batch = new SpanBatch();
  expect(decode(body, batch)).toEqual({ rejectedCount: 0, message: "", malformed: false });
  store.append(batch, { session: undefined, run: 0 as RunNumber, channel: "http" });
  // The body's memory may be used for the next request as soon as it was taken.
  body.fill(0);
  return store;
}

/** The spans of a request, each with all that is said of it, in an order of their own; defaults left out. */
function statements(bytes: Uint8Array): string[] {
  const lines = (decodeRequest(bytes).resourceSpans ?? []).flatMap(({ scopeSpans, ...resource }) =>
    (scopeSpans ?? []).flatMap(({ spans, ...scope }) =>
      (spans ?? []).map((span) => JSON.stringify([resource, scope, span].map((part) => canonical(part)))),
    ),
  );
  // A byte-equal span is one and the same.
  return [...new Set(lines)].sort();
}

/** Keys in order, what equals its default left out, and doubles told from integers. */
function canonical(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(item));
  if (typeof value === "number" && key === "doubleValue")
    return Object.is(value, -0) ? "-0" : `double ${value}`;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, canonical(inner, name)] as const)
    .filter(([name, inner]) => key === "value" || name.endsWith("Value") || !isDefault(inner))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

function isDefault(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === "0";
}

describe("what was received can be written out again", () => {
  it("as protobuf", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const body = encodeRequest(request);
        const before = statements(body);
        const { protobuf, spanCount } = encodeTracesProtobuf(storeOf(body, decodeTracesProtobuf));
        expect(statements(protobuf)).toEqual(before);
        expect(spanCount).toBe(before.length);
      }),
      { numRuns: 60 },
    );
  });

  it("as JSON, which is read to the same again", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const body = encodeRequest(request);
        const before = statements(body);
        const { json, spanCount } = encodeTracesJson(storeOf(body, decodeTracesProtobuf));
        expect(statements(encodeTracesProtobuf(storeOf(json, decodeTracesJson)).protobuf)).toEqual(before);
        expect(spanCount).toBe(before.length);
      }),
      { numRuns: 60 },
    );
  });

  it.skipIf(!existsSync(CONFORMANCE))(
    "with the specification's example (skipped without ../shared/conformance)",
    () => {
      const { json } = encodeTracesJson(
        storeOf(readFileSync(new URL("trace.json", CONFORMANCE)), decodeTracesJson),
      );
      const example = JSON.parse(
        readFileSync(new URL("trace.json", CONFORMANCE), "utf8"),
        (key, value: unknown) =>
          key.endsWith("Id") && typeof value === "string" ? value.toLowerCase() : value,
      );
      expect(JSON.parse(Buffer.from(json).toString())).toEqual(example);
    },
  );
});
