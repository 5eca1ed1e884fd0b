import assert from "node:assert/strict";
import { decodeTracesJson } from "../../src/engine/decode/otlp-json.ts";
import { decodeTracesProtobuf } from "../../src/engine/decode/otlp-protobuf.ts";
import { encodeTracesProtobuf } from "../../src/engine/query/encode-protobuf.ts";
import { SpanStore } from "../../src/engine/store/span-store.ts";
import { NO_OFFSET, SpanBatch, type DecodeIssues } from "../../src/model/span-batch.ts";
import { JSON_BODIES, PROTOBUF_BODIES, SPAN_JSON, SPAN_MESSAGE } from "./bodies.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import { mutatedJson, mutateJson } from "./mutate-json.ts";
import { fieldOf, mutateProtobuf } from "./mutate-protobuf.ts";
import type { Random } from "./random.ts";
import { fateOf, FROM_OUTSIDE, readingTarget, type Signal } from "./reading-target.ts";
import type { Target } from "./target.ts";

const utf8 = new TextEncoder();

export function anyProtobuf(random: Random): Uint8Array {
  let body = random.pick(PROTOBUF_BODIES);
  if (random.chance(0.7)) for (let n = random.below(3); n >= 0; n--) body = mutateProtobuf(body, random);
  return random.chance(0.4) ? mutateBytes(body, random, random.pick(PROTOBUF_BODIES)) : body;
}

export function anyJson(random: Random): Uint8Array {
  return mutatedJson(random.pick(JSON_BODIES), random, JSON_BODIES);
}

const TRACES: Signal<SpanBatch, SpanStore> = {
  newBatch: () => new SpanBatch(),
  newStore: () => new SpanStore({ maxBytes: 1e9 }),
  decode: decodeTracesProtobuf,
  separate({ body, traceId, count }, n) {
    const mark = Math.imul(n, 0x9e37_79b1);
    for (let index = 0; index < count; index++)
      for (let byte = 0; byte < 4; byte++) {
        const at = (traceId[index] ?? 0) + byte;
        body[at] = (body[at] ?? 0) ^ (mark >>> (byte * 8));
      }
  },
  append(store, batch) {
    const { addedCount, completedCount, duplicateCount } = store.append(batch, FROM_OUTSIDE);
    assert.equal(addedCount + completedCount + duplicateCount, batch.count, "every span is kept or known");
  },
  encode: (store) => encodeTracesProtobuf(store).protobuf,
};

/** Behind a text, what goes on with it: a string, an object. */
export const AROUND_JSON = [0x22, 0x7d] as const;

/** Making a batch takes longer than filling it. */
const FIRST_BATCH = new SpanBatch();
const SECOND_BATCH = new SpanBatch();

export const decodeTargets: readonly Target[] = [
  readingTarget(TRACES, {
    name: "traces, protobuf",
    make: anyProtobuf,
    decode: decodeTracesProtobuf,
    around: [0x00, 0xff],
    check: (_input, _issues, batch) => checkRanges(batch),
  }),
  readingTarget(TRACES, {
    name: "traces, JSON",
    make: anyJson,
    decode: decodeTracesJson,
    around: AROUND_JSON,
    check(input, { malformed }, batch) {
      if (!isJson(input)) assert.ok(malformed, "what is no JSON is malformed");
      checkRanges(batch);
    },
  }),
  {
    name: "spans beside a damaged one, protobuf",
    make: (random) =>
      random.chance(0.5) ? mutateProtobuf(SPAN_MESSAGE, random) : mutateBytes(SPAN_MESSAGE, random),
    check(input) {
      const spans = [named("before"), input, AFTER].map((span) => fieldOf(0x12, span));
      const amidst = decoded(fieldOf(0x0a, fieldOf(0x12, joined(...spans))), decodeTracesProtobuf);
      checkSiblings(amidst);
      const last = decoded(
        fieldOf(0x0a, fieldOf(0x12, joined(...spans.slice(0, 2)))),
        decodeTracesProtobuf,
        SECOND_BATCH,
      );
      assert.deepEqual(
        readingOf(last),
        readingOf(amidst, last.batch.count),
        "what follows a span is no part of it",
      );
      return fateOf(amidst.issues);
    },
  },
  {
    name: "spans beside a damaged one, JSON",
    make: (random) => utf8.encode(mutateJson(mutateJson(SPAN_JSON, random), random)),
    check(input) {
      if (!isJson(input)) return "refused";
      const id = '"traceId":"01010101010101010101010101010101","spanId":"0707070707070707"';
      const spans = [`{${id},"name":"before"}`, Buffer.from(input).toString(), `{"name":"after",${id}}`];
      const body = utf8.encode(`{"resourceSpans":[{"scopeSpans":[{"spans":[${spans.join()}]}]}]}`);
      const amidst = decoded(body, decodeTracesJson);
      checkSiblings(amidst);
      return fateOf(amidst.issues);
    },
  },
];

interface Decoded {
  readonly batch: SpanBatch;
  readonly issues: DecodeIssues;
}

function decoded(
  body: Uint8Array,
  decode: (body: Uint8Array, into: SpanBatch) => DecodeIssues,
  batch = FIRST_BATCH,
): Decoded {
  return { batch, issues: decode(body, batch) };
}

function checkRanges(batch: SpanBatch): void {
  let before = 0;
  for (let index = 0; index < batch.count; index++) {
    const start = batch.spanStart[index] ?? -1;
    const end = batch.spanEnd[index] ?? -1;
    assert.ok(before <= start && start <= end && end <= batch.body.length, "spans stand one after the other");
    const inside = (from = 0, size = 0): boolean => from >= start && from + size <= end;
    assert.ok(inside(batch.traceId[index], 16), "a trace id is inside of its span");
    assert.ok(inside(batch.spanId[index], 8), "a span id is inside of its span");
    const parent = batch.parentSpanId[index];
    assert.ok(parent === NO_OFFSET || inside(parent, 8), "a parent's id is inside of its span");
    const nameStart = batch.nameStart[index] ?? 0;
    const nameSize = (batch.nameEnd[index] ?? 0) - nameStart;
    assert.ok(
      nameSize === 0 || (nameSize > 0 && inside(nameStart, nameSize)),
      "a name is inside of its span",
    );
    assert.ok((batch.scope[index] ?? batch.scopes.length) < batch.scopes.length, "a span has a scope");
    before = end;
  }
  for (const { message, resource } of batch.scopes) {
    assert.ok(message.start <= message.end && message.end <= batch.body.length, "a scope is in the body");
    assert.ok(resource < batch.resources.length, "a scope has a resource");
  }
}

function named(name: string): Uint8Array {
  return joined(
    fieldOf(0x0a, new Uint8Array(16).fill(1)),
    fieldOf(0x12, new Uint8Array(8).fill(7)),
    fieldOf(0x2a, utf8.encode(name)),
  );
}

/** What was read of the first spans of a request. */
function readingOf({ batch, issues }: Decoded, count = batch.count): object {
  const columns = [batch.startLow, batch.startHigh, batch.endLow, batch.endHigh, batch.kind, batch.status];
  const ranges = [batch.spanStart, batch.spanEnd, batch.nameStart, batch.nameEnd];
  // The length of what is around the spans may move all of them.
  const shift = (at: number): number => (at === 0 ? 0 : at - (batch.spanStart[0] ?? 0));
  return {
    message: issues.message,
    columns: columns.map((column) => [...column.subarray(0, count)]),
    ranges: ranges.map((column) => Array.from(column.subarray(0, count), shift)),
  };
}

/** Long enough for whatever reads on from the span before it. */
const AFTER = joined(fieldOf(0x2a, new Uint8Array(400)), named("after"));

function checkSiblings({ batch, issues }: Decoded): void {
  const names = Array.from({ length: batch.count }, (_, index) =>
    Buffer.from(batch.body.subarray(batch.nameStart[index], batch.nameEnd[index])).toString(),
  );
  assert.equal(names[0], "before", "the span before is kept");
  assert.equal(names.at(-1), "after", "the span after is kept");
  assert.equal(issues.malformed, false, "a bad span costs itself only");
  assert.equal(batch.count + issues.rejectedCount, 3, "every span is kept or counted");
}

const decoder = new TextDecoder();

export function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(decoder.decode(bytes));
    return true;
  } catch {
    return false;
  }
}
