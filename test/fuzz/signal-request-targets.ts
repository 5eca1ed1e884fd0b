import assert from "node:assert/strict";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import type { Signal } from "../../src/engine/receive/endpoint.ts";
import type { Encoding, Ingested } from "../../src/engine/receive/sink.ts";
import { anyJson, anyProtobuf } from "./decode-targets.ts";
import { exportTo } from "./export-to.ts";
import { anyLogs, anyLogsJson } from "./logs-request-targets.ts";
import { anyMetrics, anyMetricsJson } from "./metrics-targets.ts";
import type { Random } from "./random.ts";
import { fateOf } from "./reading-target.ts";
import type { Target } from "./target.ts";

const MAKE: Readonly<Record<Signal, Readonly<Record<Encoding, (random: Random) => Uint8Array>>>> = {
  traces: { protobuf: anyProtobuf, json: anyJson },
  metrics: { protobuf: anyMetrics, json: anyMetricsJson },
  logs: { protobuf: anyLogs, json: anyLogsJson },
};
const FROM = { sessionId: undefined, channel: "http" } as const;
/** Small, so that eviction goes on all the time. */
const MAX_BYTES = 3 * 1024 * 1024;
/** Soon enough that they are as full as they get before the run counts as warm: there are sixteen of them. */
const RENEW_AFTER = 64;

/** Requests of metrics and logs with their replies, and those of all signals taken in slices. */
export function signalRequestTargets(): readonly Target[] {
  return [
    ...(["metrics", "logs"] as const).flatMap((signal) =>
      (["protobuf", "json"] as const).map((encoding) => repliedTarget(signal, encoding)),
    ),
    ...(["traces", "metrics", "logs"] as const).flatMap((signal) =>
      (["protobuf", "json"] as const).map((encoding) => slicedTarget(signal, encoding)),
    ),
  ];
}

function repliedTarget(signal: Signal, encoding: Encoding): Target {
  const engine = createEngine({ maxBytes: MAX_BYTES });
  return {
    name: `replies to ${signal}, ${encoding}`,
    weight: 0.5,
    make: MAKE[signal][encoding],
    check: (input) => exportTo(engine, signal, input, encoding),
    ...renewed([engine]),
  };
}

/** What a request comes to does not depend on how it is taken. */
function slicedTarget(signal: Signal, encoding: Encoding): Target {
  const [atOnce, inSlices] = [
    createEngine({ maxBytes: MAX_BYTES }),
    createEngine({ maxBytes: MAX_BYTES }),
  ] as const;
  return {
    name: `${signal} in slices, ${encoding}`,
    weight: 0.3,
    make: MAKE[signal][encoding],
    async check(input) {
      const expected = atOnce.sink[signal](input.slice(), encoding, FROM);
      const taken = await inSlices.sink.takeInSlices(signal, input.slice(), encoding, FROM);
      assert.deepEqual(countsOf(taken), countsOf(expected), "slices change nothing");
      return fateOf(taken);
    },
    ...renewed([atOnce, inSlices]),
  };
}

/** What is wrong may be told of another of several faults. */
function countsOf({ acceptedCount, rejectedCount, malformed, message }: Ingested): object {
  return { acceptedCount, rejectedCount, malformed, isTold: message !== "" };
}

function renewed(engines: readonly Engine[]): Pick<Target, "renewAfter" | "renew"> {
  return {
    renewAfter: RENEW_AFTER,
    renew() {
      for (const engine of engines) engine.clearStore({ keepPinned: false });
    },
  };
}
