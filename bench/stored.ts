import { decodeTracesProtobuf } from "../src/engine/decode/otlp-protobuf.ts";
import type { BatchOrigin } from "../src/engine/store/origin-table.ts";
import { SpanStore } from "../src/engine/store/span-store.ts";
import { OUTSIDE_ANY_RUN } from "../src/model/ids.ts";
import { SpanBatch } from "../src/model/span-batch.ts";
import { requests } from "./engine-data.ts";

const FROM: BatchOrigin = { session: undefined, run: OUTSIDE_ANY_RUN, channel: "http" };
const SPANS_A_REQUEST = 512;
/** Large enough that nothing leaves. */
const NO_LIMIT = 4e9;

/** A store with this many spans, and the CPU time that decoding and storing them took, in milliseconds. */
export function stored(
  spans: number,
  spansPerTrace = 10,
): { readonly store: SpanStore; readonly storingMs: number } {
  const store = new SpanStore({ maxBytes: NO_LIMIT });
  let storingMs = 0;
  for (const body of requests({ spans, spansPerRequest: SPANS_A_REQUEST, spansPerTrace, seed: 2 })) {
    storingMs += cpuMs(() => take(store, body));
  }
  return { store, storingMs };
}

const batch = new SpanBatch();

/** Decodes a request and stores it. */
export function take(store: SpanStore, body: Uint8Array): void {
  decodeTracesProtobuf(body, batch);
  store.append(batch, FROM);
}

/** Milliseconds of CPU that a call takes. */
export function cpuMs(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Milliseconds of CPU of the best of some rounds: other programs on the machine only make a round slower. */
export function quickest(run: () => unknown, rounds = 3): number {
  let time = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) time = Math.min(time, cpuMs(run));
  return time;
}
