import { expect, test } from "vitest";
import type { SpanId, TraceId } from "../../../../src/model/ids.ts";
import { findHangingThread, findWaitingPlace } from "../../../../src/host/breakpoints/hanging-thread.ts";
import type { Debuggee } from "../../../../src/host/active-span/debuggee.ts";

interface Thread {
  readonly frames: readonly (readonly [name: string, path: string, line: number])[];
  /** Ids of the spans that the thread's innermost own frame is in, the active one first. */
  readonly spans?: readonly string[];
}

const traceId = "a".repeat(32) as TraceId;
const idOf = (letter: string): SpanId => letter.repeat(16) as SpanId;
const isOwn = (path: string): boolean => path.startsWith("/app/");

/** A Python program with these threads, whose numbers count from 1; frames are 10 × thread + place. */
function programOf(threads: readonly Thread[]): Debuggee {
  return {
    request: (command, args) => {
      const given = args as { readonly threadId?: number; readonly frameId?: number };
      if (command === "threads")
        return Promise.resolve({ threads: threads.map((_, at) => ({ id: at + 1, name: "t" })) });
      if (command === "stackTrace") {
        const frames = threads[(given.threadId ?? 0) - 1]?.frames;
        if (frames === undefined) return Promise.reject(new Error("no such thread"));
        return Promise.resolve({
          stackFrames: frames.map(([name, path, line], at) => ({
            ...{ id: (given.threadId ?? 0) * 10 + at, name, line },
            source: { path },
          })),
        });
      }
      const spans = threads[Math.floor((given.frameId ?? 0) / 10) - 1]?.spans ?? [];
      const told = spans.map((id) => [traceId, idOf(id), "GET", "", "5", false, []]);
      return Promise.resolve({ result: `'${encodeURIComponent(JSON.stringify(told))}'` });
    },
  };
}

const main: Thread = {
  frames: [
    ["select", "/lib/selectors.py", 4],
    ["<module>", "/app/app.py", 9],
  ],
};
const handler: Thread = {
  frames: [
    ["sleep", "/app/app.py", 33],
    ["run", "/lib/threading.py", 2],
  ],
  spans: ["b"],
};
const caller: Thread = { frames: [["price", "/app/app.py", 40]], spans: ["c", "b"] };

test.each([
  ["the one whose active span it is", [main, caller, handler], { threadId: 3, line: 33 }],
  [
    "the one whose active span lies in it, where it is nobody's active one",
    [main, caller],
    { threadId: 2, line: 40 },
  ],
  ["none, where nobody is in it", [main, { ...handler, spans: ["d"] }], undefined],
  ["none, where there are no threads", [], undefined],
])("the thread that hangs in a span is found: %s", async (_, threads, expected) => {
  const found = await findHangingThread("debugpy", programOf(threads), { traceId, spanId: idOf("b") }, isOwn);
  if (expected === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject({ path: "/app/app.py", ...expected });
});

test.each([
  ["its only handler's line, not the one that started the server", [main, handler], 33],
  ["the line that started it, where no handler runs", [main], 9],
  ["nothing, where it could be one of several", [handler, caller], undefined],
  ["nothing, where no code of the person's is on a stack", [{ frames: [] }], undefined],
])("where a running program waits is told: %s", async (_, threads, line) => {
  expect((await findWaitingPlace(programOf(threads), isOwn))?.line).toBe(line);
});
