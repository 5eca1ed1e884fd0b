import protobuf from "protobufjs";
import { decodeLogsProtobuf } from "../src/engine/decode/otlp-logs-protobuf.ts";
import { listLogs } from "../src/engine/query/list-logs.ts";
import { runAtOnce } from "../src/engine/query/slices.ts";
import { StackCache } from "../src/engine/query/stack-cache.ts";
import { LogStore } from "../src/engine/store/log-store.ts";
import type { BatchOrigin } from "../src/engine/store/origin-table.ts";
import { OUTSIDE_ANY_RUN } from "../src/model/ids.ts";
import { LogBatch } from "../src/model/log-batch.ts";
import type { LogFilter } from "../src/model/log-record.ts";
import { OTLP_SCHEMA } from "../test/unit/engine/otlp-oracle.ts";
import { logRequests } from "./logs-data.ts";
import { budgeted, type Row, type Suite } from "./row.ts";

const FROM: BatchOrigin = { session: undefined, run: OUTSIDE_ANY_RUN, channel: "http" };
const RECORDS_A_REQUEST = 512;
/** Large enough that nothing leaves. */
const NO_LIMIT = 4e9;
const RATE = "records per CPU second";

const LOGS_SCHEMA = `${OTLP_SCHEMA}
message LogsRequest { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
message LogRecord {
  fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
  repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8; bytes trace_id = 9;
  bytes span_id = 10; fixed64 observed_time_unix_nano = 11; string event_name = 12;
}`;

/** Log records, from bytes to the store and back, without sockets. */
export const logsSuite: Suite = {
  title: "log records",
  run: ({ quick }) => Promise.resolve([...rates(), ...searches(quick ? 100_000 : 500_000)]),
};

function rates(): Row[] {
  const bodies = [...logRequests({ records: 50_000, recordsPerRequest: RECORDS_A_REQUEST, seed: 1 })];
  const batch = new LogBatch();
  const Request = protobuf.parse(LOGS_SCHEMA).root.lookupType("LogsRequest");
  const peer = best(bodies, () => (body) => Request.decode(body));
  const decoding = best(bodies, () => (body) => decodeLogsProtobuf(body, batch));
  const storing = best(bodies, () => {
    const store = new LogStore({ maxBytes: NO_LIMIT });
    return (body) => {
      decodeLogsProtobuf(body, batch);
      store.append(batch, FROM);
    };
  });
  return [
    { name: "decode", value: decoding, unit: RATE, better: "higher" },
    { name: "decode, times protobufjs", value: decoding / peer, unit: "×", better: "higher" },
    { name: "decode and store", value: storing, unit: RATE, better: "higher" },
    {
      name: "decode and store, times protobufjs decoding",
      value: storing / peer,
      unit: "×",
      better: "higher",
    },
  ];
}

function searches(records: number): Row[] {
  const store = new LogStore({ maxBytes: NO_LIMIT });
  const batch = new LogBatch();
  let received = 0;
  for (const body of logRequests({ records, recordsPerRequest: RECORDS_A_REQUEST, seed: 2 })) {
    received += body.length;
    decodeLogsProtobuf(body, batch);
    store.append(batch, FROM);
  }
  const label = `${records / 1000}k records`;
  const filters: readonly (readonly [name: string, filter: LogFilter])[] = [
    ["list all", {}],
    ["list errors", { minSeverity: 17 }],
    ["search a word in bodies", { text: "logged" }],
    ["search a word that is nowhere", { text: "nowhere" }],
    ["search an attribute", { text: "http.route=/orders/3" }],
  ];
  return [
    { name: `memory, ${label}`, value: store.bytes / records, unit: "bytes a record", better: "lower" },
    { name: `memory, times what was received`, value: store.bytes / received, unit: "×", better: "lower" },
    ...filters.map(([name, filter]) => searched(`${name}, ${label}`, store, filter)),
  ];
}

function searched(name: string, store: LogStore, filter: LogFilter): Row {
  const run = (): unknown => runAtOnce(listLogs(store, { filter, limit: 200 }, new StackCache(), Date.now()));
  return budgeted({ name, value: quickest(run), unit: "ms", better: "lower", budget: 250 });
}

/** Records per CPU second of the best of five rounds: other programs on the machine only make a round slower. */
function best(bodies: readonly Uint8Array[], begin: () => (body: Uint8Array) => unknown): number {
  const records = bodies.length * RECORDS_A_REQUEST;
  let rate = 0;
  for (let round = 0; round < 5; round++) {
    const take = begin();
    const seconds = cpuSeconds(() => {
      for (const body of bodies) take(body);
    });
    rate = Math.max(rate, records / seconds);
  }
  return rate;
}

/** Milliseconds of CPU of the best of three. */
function quickest(run: () => unknown): number {
  return Math.min(...[1, 2, 3].map(() => cpuSeconds(run) * 1000));
}

function cpuSeconds(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
