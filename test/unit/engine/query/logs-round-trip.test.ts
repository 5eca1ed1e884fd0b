import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeLogsJson } from "../../../../src/engine/decode/otlp-logs-json.ts";
import { encodeLogsJson } from "../../../../src/engine/query/encode-logs-json.ts";
import { encodeLogsProtobuf } from "../../../../src/engine/query/encode-logs-protobuf.ts";
import { LogStore } from "../../../../src/engine/store/log-store.ts";
import { LogBatch } from "../../../../src/model/log-batch.ts";
import type { RunNumber } from "../../../../src/model/ids.ts";
import { anyLogsRequest, appendLogs, logOf, logsBody } from "../otlp-logs-request.ts";
import { asRead, encodeAs } from "../otlp-signals-oracle.ts";

const OUTSIDE = { session: undefined, run: 0 as RunNumber, channel: "http" } as const;

/** What a request says, whatever the order of its resources, scopes and records. */
function contentOf(body: Uint8Array): string[] {
  const request = asRead("LogsRequest", body) as {
    resourceLogs?: { scopeLogs?: { logRecords?: unknown[] }[] }[];
  };
  return (request.resourceLogs ?? [])
    .flatMap(({ scopeLogs = [], ...resource }) =>
      scopeLogs.flatMap(({ logRecords = [], ...scope }) =>
        logRecords.map((record) =>
          JSON.stringify(sorted([withMessages(resource), withMessages(scope), record])),
        ),
      ),
    )
    .sort();
}

/** An empty resource or scope says as much as none. */
function withMessages(around: object): object {
  return Object.fromEntries(
    Object.entries(around).filter(
      ([, value]) => typeof value !== "object" || Object.keys(value as object).length > 0,
    ),
  );
}

/** Fields in one order, and negative zero told apart. */
function sorted(value: unknown): unknown {
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function throughJson(json: Uint8Array): Uint8Array {
  const batch = new LogBatch();
  expect(decodeLogsJson(json, batch)).toEqual({ rejectedCount: 0, message: "", malformed: false });
  return batch.body;
}

test("what was received is written again without loss, in protobuf and in JSON", () => {
  fc.assert(
    fc.property(fc.array(anyLogsRequest, { maxLength: 3 }), (requests) => {
      const store = new LogStore({ maxBytes: 64 << 20 });
      const bodies = requests.map((request) => encodeAs("LogsRequest", request));
      const kept = bodies.filter((body) => appendLogs(store, body).duplicateCount === 0);
      const expected = kept.flatMap(contentOf).sort();
      expect(contentOf(encodeLogsProtobuf(store).protobuf)).toEqual(expected);
      expect(contentOf(throughJson(encodeLogsJson(store).json))).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test("bodies, severities and names that come again and again are as they were", () => {
  const store = new LogStore({ maxBytes: 64 << 20 });
  const bodies = Array.from({ length: 5 }, (_, n) =>
    logsBody([
      logOf("cache miss", n, { severityNumber: 9, severityText: "INFO", eventName: "cache.miss" }),
      logOf("x".repeat(300), n),
    ]),
  );
  for (const body of bodies) appendLogs(store, body);
  expect(contentOf(encodeLogsProtobuf(store).protobuf)).toEqual(bodies.flatMap(contentOf).sort());
});

const folder = new URL("../../../../../shared/conformance/otlp/", import.meta.url);

test.skipIf(!existsSync(folder)).each(["logs.json", "events.json"])(
  "the specification's own example %s comes back whole (skipped without the conformance data)",
  (name) => {
    const body = throughJson(readFileSync(new URL(name, folder)));
    const store = new LogStore({ maxBytes: 64 << 20 });
    const batch = new LogBatch();
    decodeLogsJson(readFileSync(new URL(name, folder)), batch);
    store.append(batch, OUTSIDE);
    expect(contentOf(encodeLogsProtobuf(store).protobuf)).toEqual(contentOf(body));
    expect(contentOf(throughJson(encodeLogsJson(store).json))).toEqual(contentOf(body));
    expect(contentOf(body).length).toBeGreaterThan(0);
  },
);
