import { expect, onTestFinished, test } from "vitest";
import { findActiveSpan } from "../../../../src/host/active-span/find-active-span.ts";
import { startJavaProgram } from "../../../debug-adapters/java-program.ts";
import { javaTools } from "../../../debug-adapters/java-tools.ts";
import { CALLER } from "../../../debug-adapters/stopping-program.ts";

const tools = await javaTools();
// A language server and a Java program with an agent start in here.
const LIMIT_MS = 300_000;

if (typeof tools === "string")
  test.skip(`Java's debug adapter tells the span of a program with the Java agent: skipped, ${tools}`);
else
  test(
    "Java's debug adapter tells the span of a program with the Java agent, at each of three stops",
    async () => {
      const program = await startJavaProgram(tools);
      onTestFinished(program.end);
      const seen = new Set<string>();
      for (let n = 0; n < 3; n++) {
        const { frame, goOn } = await program.stop();
        const sinceMs = Date.now();
        const spans = await findActiveSpan(
          program.type,
          program.debuggee,
          frame,
          new AbortController().signal,
        );
        expect(spans).toMatchObject([
          { traceId: CALLER.traceId, parentSpanId: CALLER.spanId, name: "GET /cart", ended: false },
        ]);
        const [span] = spans;
        expect(span?.attributes).toContainEqual({ key: "url.path", value: "/cart/1" });
        // It began before it was stopped, and not long before.
        const startMs = Number(BigInt(span?.startTimeUnixNano ?? 0) / 1_000_000n);
        expect(startMs).toBeLessThanOrEqual(sinceMs);
        expect(sinceMs - startMs).toBeLessThan(LIMIT_MS);
        seen.add(span?.spanId ?? "");
        await goOn();
      }
      expect(seen.size).toBe(3);
    },
    LIMIT_MS,
  );
