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
import { LogBatch } from "../../src/model/log-batch.ts";
import { logOf, logsBody, logsRequest, type PlainLog } from "../unit/engine/otlp-logs-request.ts";
import { toJson } from "../unit/engine/otlp-signals-oracle.ts";
import { AROUND_JSON, isJson } from "./decode-targets.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import { mutatedJson } from "./mutate-json.ts";
import { mutateProtobuf } from "./mutate-protobuf.ts";
import type { Random } from "./random.ts";
import { fateOf, FROM_OUTSIDE, readingTarget, type Signal } from "./reading-target.ts";
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
export const LOGS_BODY = logsBody(RECORDS);
const SECRET_RECORDS = logsBody(RECORDS.slice(0, 2));
const REDACTOR = new Redactor(["password"]);
const BATCH = new LogBatch();
const JSON_BODY = JSON.stringify(toJson("LogsRequest", logsRequest(RECORDS)));

const LOGS: Signal<LogBatch, LogStore> = {
  newBatch: () => new LogBatch(),
  newStore: () => new LogStore({ maxBytes: 64 << 20 }),
  decode: decodeLogsProtobuf,
  append(store, batch) {
    const before = store.count;
    // The same request may be made twice: it is a resend then.
    const { addedCount, duplicateCount } = store.append(batch, FROM_OUTSIDE);
    assert.equal(addedCount + duplicateCount, batch.count, "what was decoded is kept or known");
    assert.equal(store.count, before + addedCount);
  },
  encode(store) {
    const found = runAtOnce(
      listLogs(store, { filter: { text: "o -nowhere" }, limit: 10 }, new StackCache(), 0),
    );
    assert.ok(found.totalCount <= store.count);
    const { protobuf, recordCount } = encodeLogsProtobuf(store);
    assert.equal(recordCount, store.count, "what is held is written out");
    return protobuf;
  },
};

/** What has to hold for whatever is received as a logs request. */
export const logsRequestTargets: readonly Target[] = [
  readingTarget(LOGS, {
    name: "logs, protobuf",
    make: anyLogs,
    decode: decodeLogsProtobuf,
    around: [0x00, 0xff],
  }),
  readingTarget(LOGS, {
    name: "logs, JSON",
    make: anyLogsJson,
    decode: decodeLogsJson,
    around: AROUND_JSON,
    check(input, { malformed }) {
      if (!isJson(input)) assert.ok(malformed, "what is no JSON is malformed");
    },
  }),
  {
    name: "secrets of logs",
    make: anyLogs,
    check(input) {
      // Beside whatever it is, a secret that can be read as one is masked.
      const body = joined(SECRET_RECORDS, input);
      redactLogs(body, REDACTOR);
      const known = Buffer.from(body.buffer, 0, SECRET_RECORDS.length);
      assert.ok(!known.includes(SECRET), "secrets of whole records are masked");
      const issues = decodeLogsProtobuf(body, BATCH);
      assert.ok(BATCH.count >= 2, "they are records still");
      return fateOf(issues);
    },
  },
  heartbeatTarget(),
];

/** A request that holds heartbeats of spans among its records. */
function heartbeatTarget(): Target {
  const batch = new LogBatch();
  let store = LOGS.newStore();
  return {
    name: "heartbeats",
    make: anyLogs,
    check(input) {
      const issues = decodeLogsProtobuf(input, batch);
      const before = batch.count;
      let taken = 0;
      takeHeartbeats(batch, (spans) => {
        taken++;
        for (let i = 0; i < spans.count; i++) assert.deepEqual([spans.endLow[i], spans.endHigh[i]], [0, 0]);
      });
      assert.ok(batch.count + taken <= before, "a record is a log record or a heartbeat");
      LOGS.append(store, batch);
      return fateOf(issues);
    },
    look() {
      LOGS.encode(store);
    },
    renew() {
      store = LOGS.newStore();
    },
  };
}

export function anyLogsJson(random: Random): Uint8Array {
  return mutatedJson(JSON_BODY, random);
}

export function anyLogs(random: Random): Uint8Array {
  let body = LOGS_BODY;
  if (random.chance(0.7)) for (let n = random.below(3); n >= 0; n--) body = mutateProtobuf(body, random);
  return random.chance(0.4) ? mutateBytes(body, random, LOGS_BODY) : body;
}
