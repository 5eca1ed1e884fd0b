import assert from "node:assert/strict";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { parseAgentFrame } from "../../src/engine/receive/agent-frame.ts";
import { handleExport } from "../../src/engine/receive/export-handler.ts";
import { decodeReply } from "../unit/engine/receive/reply-types.ts";
import { HELLO } from "./bodies.ts";
import { anyJson, anyProtobuf } from "./decode-targets.ts";
import { checkEngine } from "./invariants.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import { mutateJson } from "./mutate-json.ts";
import type { Fate, Target } from "./target.ts";

const utf8 = new TextEncoder();

/** Small, so that eviction goes on all the time. */
const MAX_BYTES = 3 * 1024 * 1024;
/** Enough that the engine evicts before it begins anew. */
const RENEW_AFTER = 512;
const LOOK_AFTER = 128;

export function engineTargets(): readonly Target[] {
  const fed = createEngine({ maxBytes: MAX_BYTES });
  const fedJson = createEngine({ maxBytes: MAX_BYTES });
  const files = createEngine({ maxBytes: MAX_BYTES });

  const looked = (engine: Engine): Pick<Target, "lookAfter" | "renewAfter" | "look" | "renew"> => ({
    lookAfter: LOOK_AFTER,
    renewAfter: RENEW_AFTER,
    look: () => checkEngine(engine),
    renew: () => engine.clearStore({ keepPinned: false }),
  });

  return [
    {
      name: "engine, protobuf",
      ...looked(fed),
      make: anyProtobuf,
      check: (input) => exportTo(fed, input, "protobuf"),
    },
    {
      name: "engine, JSON",
      ...looked(fedJson),
      make: anyJson,
      check: (input) => exportTo(fedJson, input, "json"),
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
        if (frame?.type !== "hello") return frame === undefined ? "refused" : "accepted";
        const { pid, ppid, service, runtime } = frame.hello;
        assert.ok(
          Number.isSafeInteger(pid) && pid >= 0 && Number.isSafeInteger(ppid),
          "process ids are numbers",
        );
        assert.ok(service !== "" && service.length <= 256 && runtime.length <= 256, "names have an end");
        return "accepted";
      },
    },
    {
      name: "files",
      ...looked(files),
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
        return outcome.problem === undefined && outcome.rejectedCount === 0 ? "accepted" : "refused";
      },
    },
  ];
}

async function exportTo(engine: Engine, body: Uint8Array, encoding: "protobuf" | "json"): Promise<Fate> {
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
    return "refused";
  }
  const reply =
    encoding === "json"
      ? (JSON.parse(Buffer.from(outcome.value).toString()) as Reply)
      : (decodeReply("ExportResponse", Buffer.from(outcome.value)) as Reply);
  const rejected = Number(reply.partialSuccess?.rejectedSpans ?? reply.partialSuccess?.rejected ?? 0);
  assert.equal(rejected, engine.state.rejectedCount - before, "the reply counts what was refused");
  return rejected === 0 ? "accepted" : "refused";
}

interface Reply {
  readonly partialSuccess?: { readonly rejectedSpans?: string; readonly rejected?: number };
}
