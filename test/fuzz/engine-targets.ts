import assert from "node:assert/strict";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { parseAgentFrame } from "../../src/engine/receive/agent-frame.ts";
import { HELLO } from "./bodies.ts";
import { anyJson, anyProtobuf } from "./decode-targets.ts";
import { exportTo } from "./export-to.ts";
import { checkEngine } from "./invariants.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import { mutateJson } from "./mutate-json.ts";
import type { Target } from "./target.ts";

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
      check: (input) => exportTo(fed, "traces", input, "protobuf"),
    },
    {
      name: "engine, JSON",
      ...looked(fedJson),
      make: anyJson,
      check: (input) => exportTo(fedJson, "traces", input, "json"),
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
      async check(input) {
        // Whatever it was taken for: a damaged body of traces may look like one of metrics.
        const refused = (): number =>
          files.state.rejectedCount + files.refusedPointCount + files.refusedLogCount;
        const before = refused();
        const outcome = await files.importTraces({ name: "x.json", bytes: input });
        assert.equal(refused() - before, outcome.rejectedCount, "what is refused is counted");
        if (outcome.spanCount === 0) assert.ok(outcome.problem !== undefined, "an empty import says so");
        return outcome.problem === undefined && outcome.rejectedCount === 0 ? "accepted" : "refused";
      },
    },
  ];
}
