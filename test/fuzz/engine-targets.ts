import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { deflateSync, gzipSync } from "node:zlib";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { parseAgentFrame } from "../../src/engine/receive/agent-frame.ts";
import { handleExport } from "../../src/engine/receive/export-handler.ts";
import { PendingBytes } from "../../src/engine/receive/pending-bytes.ts";
import { readBody } from "../../src/engine/receive/request-body.ts";
import { decodeReply } from "../unit/engine/receive/reply-types.ts";
import { HELLO, JSON_BODIES, PROTOBUF_BODIES, SEARCHES } from "./bodies.ts";
import { anyJson, anyProtobuf } from "./decode-targets.ts";
import { checkEngine } from "./invariants.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import { mutateJson } from "./mutate-json.ts";
import type { Target } from "./target.ts";

const utf8 = new TextEncoder();

/** Small, so that eviction goes on all the time. */
const MAX_BYTES = 3 * 1024 * 1024;
/** An engine is looked at as a whole, and emptied, once in so many inputs. */
const INPUTS_A_LOOK = 64;
const MAX_BODY_BYTES = 64 * 1024;

export function engineTargets(): readonly Target[] {
  const fed = createEngine({ maxBytes: MAX_BYTES });
  const files = createEngine({ maxBytes: MAX_BYTES });
  const searched = createEngine({ maxBytes: MAX_BYTES });
  for (const body of JSON_BODIES) searched.importTraces({ name: "x", bytes: utf8.encode(body) });
  let inputs = 0;
  const look = (engine: Engine): void => {
    if (++inputs % INPUTS_A_LOOK === 0) checkEngine(engine);
    if (inputs % (INPUTS_A_LOOK * 8) === 0) engine.clearStore({ keepPinned: false });
  };

  return [
    {
      name: "engine, protobuf",
      make: anyProtobuf,
      async check(input) {
        await exportTo(fed, input, "protobuf");
        look(fed);
      },
    },
    {
      name: "engine, JSON",
      make: anyJson,
      async check(input) {
        await exportTo(fed, input, "json");
        look(fed);
      },
    },
    {
      name: "gzip and deflate",
      every: 4,
      make(random) {
        const body = random.chance(0.05) ? new Uint8Array(1_000_000) : random.pick(PROTOBUF_BODIES);
        const [first, pack] = random.pick([["g", gzipSync] as const, ["d", deflateSync] as const]);
        const packed = pack(body);
        return joined(utf8.encode(first), random.chance(0.1) ? packed : mutateBytes(packed, random));
      },
      async check(input) {
        const request = Object.assign(Readable.from([Buffer.from(input.subarray(1))]), { complete: true });
        const read = await readBody(
          request as unknown as IncomingMessage,
          input[0] === 0x67 ? "gzip" : "deflate",
          MAX_BODY_BYTES,
          new PendingBytes(MAX_BODY_BYTES),
        );
        if (read.ok) assert.ok(read.value.length <= MAX_BODY_BYTES, "no more than the limit comes out");
        else assert.match(read.error, /^(?:corrupt|too-large)$/);
      },
    },
    {
      name: "an agent's text frames",
      make: (random) => {
        const frame = random.chance(0.8) ? HELLO : '{"type":"state","ownSdk":true}';
        const text = utf8.encode(mutateJson(frame, random));
        return random.chance(0.3) ? mutateBytes(text, random) : text;
      },
      check(input) {
        const frame = parseAgentFrame(Buffer.from(input).toString("utf8"));
        if (frame?.type !== "hello") return;
        const { pid, ppid, service, runtime } = frame.hello;
        assert.ok(
          Number.isSafeInteger(pid) && pid >= 0 && Number.isSafeInteger(ppid),
          "process ids are numbers",
        );
        assert.ok(service !== "" && service.length <= 256 && runtime.length <= 256, "names have an end");
      },
    },
    {
      name: "files",
      make(random) {
        const part = (): Uint8Array =>
          random.chance(0.7) ? anyJson(random) : random.chance(0.5) ? anyProtobuf(random) : utf8.encode("\n");
        return joined(
          ...Array.from({ length: 1 + random.below(3) }, () => joined(part(), utf8.encode("\n"))),
        );
      },
      check(input) {
        // Whatever it was taken for: a damaged body of traces may look like one of metrics.
        const refused = (): number =>
          files.state.rejectedCount + files.refusedPointCount + files.refusedLogCount;
        const before = refused();
        const outcome = files.importTraces({ name: "x.json", bytes: input });
        assert.equal(refused() - before, outcome.rejectedCount, "what is refused is counted");
        if (outcome.spanCount === 0) assert.ok(outcome.problem !== undefined, "an empty import says so");
        look(files);
      },
    },
    {
      name: "search text",
      make: (random) =>
        mutateBytes(utf8.encode(random.pick(SEARCHES)), random, utf8.encode(random.pick(SEARCHES))),
      check(input) {
        const text = Buffer.from(input).toString("utf8");
        const list = searched.listTraces({ filter: { text }, limit: 5 });
        assert.ok(list.matchingCount <= list.totalCount && list.traces.length <= 5);
        if (list.textProblem !== undefined) {
          const { start, end } = list.textProblem;
          assert.ok(start >= 0 && start <= end && end <= text.length, "a problem is in the text");
        }
        const offset = text.length >> 1;
        for (const { insert, start } of searched.completeSearch({ text, offset })) {
          assert.ok(insert !== "" && start >= 0 && start <= offset, "a completion fits");
        }
        const [trace] = searched.listTraces({ filter: { text: "" }, limit: 1 }).traces;
        if (trace === undefined) return;
        assert.ok(searched.findSpans({ traceId: trace.traceId, text }).rows.length <= trace.spanCount);
      },
    },
  ];
}

async function exportTo(engine: Engine, body: Uint8Array, encoding: "protobuf" | "json"): Promise<void> {
  const before = engine.state.rejectedCount;
  const faults: string[] = [];
  const outcome = await handleExport(
    "traces",
    body,
    encoding,
    { sessionId: undefined, channel: "http" },
    { sink: engine.sink, overloaded: () => undefined, onFault: (message) => faults.push(message) },
  );
  assert.deepEqual(faults, [], "nothing fails inside");
  if (!outcome.ok) {
    assert.equal(outcome.error.kind, "malformed");
    assert.match(outcome.error.message, /./);
    return;
  }
  const reply =
    encoding === "json"
      ? (JSON.parse(Buffer.from(outcome.value).toString()) as Reply)
      : (decodeReply("ExportResponse", Buffer.from(outcome.value)) as Reply);
  const rejected = Number(reply.partialSuccess?.rejectedSpans ?? reply.partialSuccess?.rejected ?? 0);
  assert.equal(rejected, engine.state.rejectedCount - before, "the reply counts what was refused");
}

interface Reply {
  readonly partialSuccess?: { readonly rejectedSpans?: string; readonly rejected?: number };
}
