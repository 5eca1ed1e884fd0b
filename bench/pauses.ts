import { WireWriter } from "../src/base/wire-writer.ts";
import { decodeTracesProtobuf } from "../src/engine/decode/otlp-protobuf.ts";
import { openTrace } from "../src/engine/query/open-trace.ts";
import { operationStatistics } from "../src/engine/query/operations.ts";
import { SpanStore } from "../src/engine/store/span-store.ts";
import { OUTSIDE_ANY_RUN, type SessionId, type TraceId } from "../src/model/ids.ts";
import { SpanBatch } from "../src/model/span-batch.ts";
import { seededRandom } from "./engine-data.ts";
import { budgeted, type Row, type Suite } from "./row.ts";

const SPANS = 100_000;
const PAUSES = 1000;
/** Processes are told apart by their session here. */
const SESSIONS = 3;
const START = 1_764_000_000_000_000_000n;
/** A minute, half of which somebody stood at a breakpoint. */
const TRACE_NS = 60e9;
const MAX_PAUSE_NS = 60e6;

/** What adjusted durations cost: a trace of 100,000 spans through three processes that were paused 1,000 times. */
export const pausesSuite: Suite = {
  title: "pauses",
  run: ({ quick }) => {
    const rounds = quick ? 3 : 9;
    const plain = pausedStore(0);
    const paused = pausedStore(PAUSES);
    const without = best(rounds, () => openTrace(plain.store, plain.traceId));
    const columns = best(rounds, () => openTrace(paused.store, paused.traceId));
    const statistics = best(rounds, () => operationStatistics(plain.store));
    // The cache would answer: a word on a pause makes it look again.
    const adjusted = best(rounds, () => {
      paused.touch();
      return operationStatistics(paused.store);
    });
    const ms = { unit: "ms CPU", better: "lower" } as const;
    const rows: readonly Row[] = [
      { name: "open 100,000 spans without pauses", value: without, ...ms },
      budgeted({
        name: "open 100,000 spans with 1,000 pauses, over that",
        value: columns - without,
        ...ms,
        budget: 150,
      }),
      budgeted({
        name: "statistics of the same, over those without",
        value: adjusted - statistics,
        ...ms,
        budget: 300,
      }),
    ];
    return Promise.resolve(rows);
  },
};

function pausedStore(pauseCount: number): {
  readonly store: SpanStore;
  readonly traceId: TraceId;
  readonly touch: () => void;
} {
  const store = new SpanStore({ maxBytes: 4e9 });
  const batch = new SpanBatch();
  nestedTrace().forEach((body, n) => {
    decodeTracesProtobuf(body, batch);
    store.append(batch, { session: sessionOf(n % SESSIONS), run: OUTSIDE_ANY_RUN, channel: "http" });
  });
  const random = seededRandom(7);
  const pause = (n: number): void => {
    const start = START + BigInt(Math.floor(random() * TRACE_NS));
    store.recordPause({
      id: `pause ${n}`,
      sessionId: sessionOf(n % SESSIONS),
      processId: undefined,
      name: "bench",
      startTimeUnixNano: start.toString(),
      endTimeUnixNano: (start + BigInt(Math.floor(random() * MAX_PAUSE_NS))).toString(),
    });
  };
  for (let n = 0; n < pauseCount; n++) pause(n);
  return { store, traceId: store.traces.idOf(0), touch: () => pause(0) };
}

/** Requests whose spans are calls under calls, each inside its parent, spread over the processes. */
function nestedTrace(): readonly Uint8Array[] {
  const random = seededRandom(3);
  const writers = Array.from({ length: SESSIONS }, () => new WireWriter(1 << 22));
  const marks = writers.map((writer) => [writer.begin(0x0a), writer.begin(0x12)] as const);
  let count = 0;
  const idOf = (span: number): Uint8Array => new Uint8Array(new BigUint64Array([BigInt(span)]).buffer);
  const branch = (parent: number, start: number, end: number): void => {
    const span = ++count;
    const writer = writers[Math.floor(random() * SESSIONS)];
    if (writer !== undefined)
      writeSpan(writer, idOf(span), parent === 0 ? undefined : idOf(parent), start, end);
    const children = parent === 0 ? SPANS / 50 : Math.floor(random() * 4);
    const room = (end - start) / (children + 1);
    for (let child = 0; child < children && count < SPANS && room > 1000; child++) {
      const from = start + room * (child + random() * 0.5);
      branch(span, Math.floor(from), Math.floor(from + room * (0.3 + random() * 0.7)));
    }
  };
  while (count < SPANS) branch(0, 0, TRACE_NS);
  return writers.map((writer, n) => {
    const [resource, scope] = marks[n] ?? [0, 0];
    writer.end(scope);
    writer.end(resource);
    return writer.written.slice();
  });
}

function writeSpan(
  writer: WireWriter,
  id: Uint8Array,
  parent: Uint8Array | undefined,
  start: number,
  end: number,
): void {
  const mark = writer.begin(0x12);
  writer.bytesField(0x0a, new Uint8Array(16).fill(1));
  writer.bytesField(0x12, id);
  if (parent !== undefined) writer.bytesField(0x22, parent);
  writer.stringField(0x2a, "work");
  for (const [tag, ns] of [
    [0x39, start],
    [0x41, end],
  ] as const) {
    const unixNano = START + BigInt(ns);
    writer.varint(tag);
    writer.fixed64(Number(BigInt.asUintN(32, unixNano)), Number(unixNano >> 32n));
  }
  writer.end(mark);
}

function sessionOf(n: number): SessionId {
  return `session-${n}`.padEnd(22, "x") as SessionId;
}

/** The least CPU time of several rounds, in milliseconds. */
function best(rounds: number, work: () => unknown): number {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
