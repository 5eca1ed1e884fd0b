import assert from "node:assert/strict";
import type { BatchOrigin } from "../../src/engine/store/origin-table.ts";
import { OUTSIDE_ANY_RUN } from "../../src/model/ids.ts";
import type { DecodeIssues } from "../../src/model/span-batch.ts";
import { fieldsOf } from "./mutate-protobuf.ts";
import type { Fate, Target } from "./target.ts";

/** How one signal is decoded, stored and written out again. */
export interface Signal<Batch, Store> {
  newBatch(): Batch;
  newStore(): Store;
  /** Decodes OTLP protobuf. */
  decode: Decode<Batch>;
  /** Makes what was decoded differ from all other inputs of a round, where a store would take the same for a resend. */
  separate?(batch: Batch, n: number): void;
  /** Stores what was decoded; throws where some of it is neither kept nor known. */
  append(store: Store, batch: Batch): void;
  encode(store: Store): Uint8Array;
}

type Decode<Batch> = (body: Uint8Array, into: Batch) => DecodeIssues;

interface ReadingOptions<Batch> {
  readonly name: string;
  readonly weight?: number;
  readonly make: Target["make"];
  /** What reads the format of this target. */
  readonly decode: Decode<Batch>;
  /** Two bytes that may stand around a body, at which a reader that goes on would notice them. */
  readonly around: readonly [number, number];
  /** What else has to be true of a reading. */
  readonly check?: (input: Uint8Array, issues: DecodeIssues, batch: Batch) => void;
}

/**
 * Reads each input twice, amid different bytes: both readings are the same, and what they store is. What is written out
 * of a round of inputs is well formed, and is read as what it was.
 */
export function readingTarget<Batch, Store>(
  signal: Signal<Batch, Store>,
  { name, weight = 1, make, decode, around, check }: ReadingOptions<Batch>,
): Target {
  const batches = around.map(() => signal.newBatch());
  let stores = around.map(() => signal.newStore());
  let count = 0;
  return {
    name,
    weight,
    make,
    check(input) {
      count++;
      const [issues, otherIssues] = batches.map((batch, n) => decode(amid(input, around[n] ?? 0), batch));
      const [batch] = batches;
      assert.ok(issues !== undefined && batch !== undefined);
      assert.deepEqual(otherIssues, issues, "nothing outside of the body is read");
      assert.ok(fateOf(issues) === "accepted" || issues.message !== "", "what is wrong is said");
      check?.(input, issues, batch);
      for (const [n, store] of stores.entries()) {
        const read = batches[n] ?? batch;
        signal.separate?.(read, count);
        signal.append(store, read);
      }
      return fateOf(issues);
    },
    look() {
      const [stored = new Uint8Array(0), otherStored = stored] = stores.map((store) => signal.encode(store));
      assertSameItems(otherStored, stored, "nothing outside of the body is kept");
      const again = signal.newBatch();
      assert.deepEqual(signal.decode(amid(stored, 0xff), again), NO_ISSUES, "an export is well formed");
      const store = signal.newStore();
      signal.append(store, again);
      assertSameItems(signal.encode(store), stored, "an export is read as what it was");
    },
    renew() {
      stores = around.map(() => signal.newStore());
      count = 0;
    },
  };
}

export const FROM_OUTSIDE: BatchOrigin = { session: undefined, run: OUTSIDE_ANY_RUN, channel: "http" };

const NO_ISSUES: DecodeIssues = { rejectedCount: 0, message: "", malformed: false };

export function fateOf({ rejectedCount, malformed }: DecodeIssues): Fate {
  return rejectedCount > 0 || malformed ? "refused" : "accepted";
}

/** The bytes as a part of a larger buffer, so that what is read outside of them shows. */
function amid(bytes: Uint8Array, around: number): Uint8Array {
  const buffer = new Uint8Array(bytes.length + 64).fill(around);
  buffer.set(bytes, 32);
  return buffer.subarray(32, 32 + bytes.length);
}

/** The same spans, metrics or records, each below the same resource and scope. The order of these, and of the fields in each, is the store's affair. */
function assertSameItems(actual: Uint8Array, expected: Uint8Array, message: string): void {
  if (Buffer.compare(actual, expected) === 0) return;
  assert.deepEqual(itemsOf(actual).sort(), itemsOf(expected).sort(), message);
}

/** Each item of a request with what it is in, in the bytes of either. All signals have the same envelope. */
function itemsOf(request: Uint8Array): string[] {
  return contentsOf(request, 1).flatMap((resource) => {
    const ofResource = [...contentsOf(resource, 1), "/", ...contentsOf(resource, 3)].map(latin1).join();
    return contentsOf(resource, 2).flatMap((scope) => {
      const ofScope = [...contentsOf(scope, 1), "/", ...contentsOf(scope, 3)].map(latin1).join();
      return contentsOf(scope, 2).map((item) => [ofResource, ofScope, sortedFields(item)].join("|"));
    });
  });
}

/** Fields of one number stay in their order. */
function sortedFields(message: Uint8Array): string {
  const fields = fieldsOf(message).sort((one, other) => one.tag - other.tag);
  return fields.map(({ start, end }) => latin1(message.subarray(start, end))).join();
}

function contentsOf(message: Uint8Array, field: number): Uint8Array[] {
  return fieldsOf(message)
    .filter(({ tag }) => tag >>> 3 === field)
    .map(({ content, end }) => message.subarray(content, end));
}

function latin1(part: Uint8Array | string): string {
  return typeof part === "string" ? part : Buffer.from(part).toString("latin1");
}
