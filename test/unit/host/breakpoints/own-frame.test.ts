import { expect, test } from "vitest";
import { leadToOwnFrame, type SteppedProgram } from "../../../../src/host/breakpoints/own-frame.ts";

interface Frame {
  readonly name: string;
  readonly path?: string;
  readonly presentationHint?: string;
}

const stopFrame: Frame = { name: "spanlightStop", path: "<eval>/spanlight-span-breakpoint.js" };
const library: Frame = { name: "handle", path: "/app/node_modules/express/layer.js" };
const skipped: Frame = { name: "end", path: "/ext/dist/agent/preload.cjs", presentationHint: "deemphasize" };
const internal: Frame = { name: "emit", path: "<node_internals>/events" };
const own: Frame = { name: "price", path: "/app/main.js" };

/** A program that stands at these frames one after the other. */
function programAt(
  frames: readonly (Frame | readonly Frame[])[],
  where: string,
  moment = "fails",
  worker = false,
): SteppedProgram & { readonly asked: string[] } {
  const asked: string[] = [];
  let at = 0;
  const ids = { traceId: "1".repeat(32), spanId: "2".repeat(16), innerSpanId: "3".repeat(16) };
  const stop = { rule: "1", moment, name: "GET", where, worker, ...ids };
  return {
    asked,
    request: (command, args) => {
      const expression = JSON.stringify(args["expression"] ?? "").slice(1);
      if (command === "evaluate") {
        if (expression.includes("arguments[")) {
          asked.push(`enter ${String(args["frameId"])}`);
          return Promise.resolve({ result: "true" });
        }
        asked.push(expression.replace(/\(.*/s, ""));
        return Promise.resolve({ result: `'${encodeURIComponent(JSON.stringify(stop))}'` });
      }
      const stack = [frames[at] ?? own].flat();
      const stackFrames = stack.map(({ name, path, presentationHint }, n) => ({
        ...{ id: n + 1, name },
        source: { path, presentationHint },
      }));
      return Promise.resolve({ stackFrames });
    },
    step: (command) => {
      asked.push(command);
      at++;
      return Promise.resolve(at < frames.length);
    },
  };
}

const steps = (asked: readonly string[]): readonly string[] =>
  asked.filter((one) => !one.startsWith("globalThis"));

test.each([
  ["out of the agent", "caller", [stopFrame, own], ["stepOut"]],
  [
    "out of what called the agent",
    "caller",
    [stopFrame, skipped, library, internal, own],
    Array(4).fill("stepOut"),
  ],
  ["into the handler", "handler", [stopFrame, own], ["debug", "continue", "undebug"]],
  ["nowhere, as no code of the person runs", "nowhere", [stopFrame, own], []],
  ["no further than to where it ends", "caller", [stopFrame, library], ["stepOut", "stepOut"]],
])("a stop is led %s", async (_, where, frames, expected) => {
  const program = programAt(frames, where);
  expect(await leadToOwnFrame(program, 1)).toMatchObject({ moment: "fails", name: "GET", where });
  expect(steps(program.asked)).toEqual(expected);
});

test("in a worker a stop is led into the handler by steps: js-debug lets go on what `debug` stops there", async () => {
  const program = programAt([stopFrame, stopFrame, own], "handler", "starts", true);
  expect(await leadToOwnFrame(program, 1)).toMatchObject({ worker: true });
  expect(steps(program.asked)).toEqual(["stepIn", "stepIn"]);
});

test.each([
  [
    "into the function that startActiveSpan calls",
    "starts",
    "Tracer.startActiveSpan",
    ["enter 3", "debug", "continue", "undebug"],
  ],
  ["out of it at the span's end", "ends", "Tracer.startActiveSpan", ["stepOut"]],
  ["out of anything else", "starts", "Tracer.startSpan", ["stepOut"]],
])("a stop under a call of the person's is led %s", async (_, moment, call, expected) => {
  const stack = [stopFrame, skipped, { name: call, path: "/app/node_modules/sdk/Tracer.js" }, own];
  const program = programAt([stack, own], "caller", moment);
  await leadToOwnFrame(program, 1);
  expect(steps(program.asked)).toEqual(expected);
});

test("a stop of the person's own is left alone", async () => {
  const program = programAt([own], "caller");
  expect(await leadToOwnFrame(program, 1)).toBeUndefined();
  expect(program.asked).toEqual([]);
});
