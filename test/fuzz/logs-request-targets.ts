import assert from "node:assert/strict";
import { decodeLogsJson } from "../../src/engine/decode/otlp-logs-json.ts";
import { decodeLogsProtobuf } from "../../src/engine/decode/otlp-logs-protobuf.ts";
import { redactLogs } from "../../src/engine/decode/redact-signal.ts";
import { Redactor } from "../../src/engine/decode/redact.ts";
import { takeHeartbeats } from "../../src/engine/heartbeat-spans.ts";
import { encodeLogsProtobuf } from "../../src/engine/query/encode-logs-protobuf.ts";
import { listLogs } from "../../src/engine/query/list-logs.ts";
import { runAtOnce } from "../../src/engine/query/slices.ts";
import { StackCache } from "../../src/engine/query/stack-cache.ts";
import { LogStore } from "../../src/engine/store/log-store.ts";
import { OUTSIDE_ANY_RUN } from "../../src/model/ids.ts";
import { LogBatch } from "../../src/model/log-batch.ts";
import type { DecodeIssues } from "../../src/model/span-batch.ts";
import { logOf, logsBody, logsRequest, type PlainLog } from "../unit/engine/otlp-logs-request.ts";
import { toJson } from "../unit/engine/otlp-signals-oracle.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import { breakJson, mutateJson } from "./mutate-json.ts";
import { mutateProtobuf } from "./mutate-protobuf.ts";
import type { Random } from "./random.ts";
import type { Target } from "./target.ts";

const SECRET = "hunter2-hunter2";
const text = (value: string) => ({ stringValue: value });
const span = (attributes: object[]) => ({
  traceId: "01010101010101010101010101010101",
  spanId: "0707070707070707",
  name: "running",
  startTimeUnixNano: "1700000000000000000",
  attributes,
});

/** A record with every field, one with a map for a body, and a heartbeat. */
const RECORDS: readonly PlainLog[] = [
  logOf("hello", 1, {
    observedTimeUnixNano: "1700000000001000001",
    severityNumber: 17,
    severityText: "ERROR",
    eventName: "cart.failed",
    attributes: [
      { key: "user.password", value: text(SECRET) },
      { key: "retries", value: { intValue: "3" } },
    ],
    traceId: new Array<number>(16).fill(1),
    spanId: new Array<number>(8).fill(7),
    flags: 1,
    droppedAttributesCount: 2,
  }),
  {
    ...logOf("", 2),
    body: {
      kvlistValue: { values: [{ key: "password", value: { arrayValue: { values: [text(SECRET)] } } }] },
    },
  },
  logOf("", 3, {
    attributes: [{ key: "partial.event", value: text("heartbeat") }],
    body: text(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span([])] }] }] })),
  }),
];
const BODY = logsBody(RECORDS);
const JSON_BODY = JSON.stringify(toJson("LogsRequest", logsRequest(RECORDS)));

/** What has to hold for whatever is received as a logs request. */
export const logsRequestTargets: readonly Target[] = [
  {
    name: "logs, protobuf",
    make: anyLogs,
    check(input) {
      const one = decodedAmid(input, 0x00);
      const other = decodedAmid(input, 0xff);
      assert.deepEqual(one.issues, other.issues, "nothing outside of the body is read");
      checkIssues(one.issues);
      const stored = exported(one.batch);
      assert.deepEqual(stored, exported(other.batch), "nothing outside of the body is kept");
      const again = new LogBatch();
      const { rejectedCount, malformed } = decodeLogsProtobuf(stored, again);
      assert.deepEqual([rejectedCount, malformed], [0, false], "an export is well formed");
      assert.deepEqual(exported(again), stored, "an export is read as what it was");
    },
  },
  {
    name: "logs, JSON",
    make(random) {
      let json = mutateJson(mutateJson(JSON_BODY, random), random);
      if (random.chance(0.2)) json = breakJson(json, random);
      return new TextEncoder().encode(json);
    },
    check(input) {
      const batch = new LogBatch();
      checkIssues(decodeLogsJson(input, batch));
      exported(batch);
    },
  },
  {
    name: "logs, secrets",
    make: anyLogs,
    check(input) {
      // Beside whatever it is, a secret that can be read as one is masked.
      const body = Uint8Array.from([...logsBody(RECORDS.slice(0, 2)), ...input]);
      redactLogs(body, new Redactor(["password"]));
      const known = logsBody(RECORDS.slice(0, 2)).length;
      assert.ok(
        !Buffer.from(body.subarray(0, known)).includes(SECRET),
        "secrets of whole records are masked",
      );
    },
  },
  {
    name: "logs, heartbeats",
    make: anyLogs,
    check(input) {
      const batch = new LogBatch();
      decodeLogsProtobuf(input, batch);
      const before = batch.count;
      let taken = 0;
      takeHeartbeats(batch, (spans) => {
        taken++;
        for (let i = 0; i < spans.count; i++) assert.deepEqual([spans.endLow[i], spans.endHigh[i]], [0, 0]);
      });
      assert.ok(batch.count + taken <= before, "a record is a log record or a heartbeat");
      exported(batch);
    },
  },
];

function anyLogs(random: Random): Uint8Array {
  let body = BODY;
  if (random.chance(0.7)) for (let n = random.below(3); n >= 0; n--) body = mutateProtobuf(body, random);
  return random.chance(0.4) ? mutateBytes(body, random, BODY) : body;
}

/** Decodes the bytes as a part of a larger buffer, so that what is read outside of them shows. */
function decodedAmid(bytes: Uint8Array, around: number): { batch: LogBatch; issues: DecodeIssues } {
  const buffer = new Uint8Array(bytes.length + 64).fill(around);
  buffer.set(bytes, 32);
  const batch = new LogBatch();
  return { batch, issues: decodeLogsProtobuf(buffer.subarray(32, 32 + bytes.length), batch) };
}

function checkIssues({ rejectedCount, malformed, message }: DecodeIssues): void {
  assert.equal(rejectedCount > 0 || malformed, message !== "", "what is wrong is said");
}

/** Stores a batch, searches it, and writes it out again. */
function exported(batch: LogBatch): Uint8Array {
  const store = new LogStore({ maxBytes: 64 << 20 });
  store.append(batch, { session: undefined, run: OUTSIDE_ANY_RUN, channel: "http" });
  const found = runAtOnce(listLogs(store, { filter: { text: "o -nowhere" }, limit: 10 }, new StackCache()));
  assert.ok(found.totalCount <= store.count);
  const { protobuf, recordCount } = encodeLogsProtobuf(store);
  assert.equal(recordCount, batch.count, "what was decoded is kept");
  return protobuf.slice();
}
