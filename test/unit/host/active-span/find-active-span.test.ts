import { expect, test } from "vitest";
import { findActiveSpan, findWithoutFrame } from "../../../../src/host/active-span/find-active-span.ts";
import { evaluating } from "./debuggee-of.ts";

const frame = { threadId: 1, frameId: 1, callers: [] };
const IDS = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
const TOLD = encodeURIComponent(JSON.stringify([[...IDS, "x"]]));

function found(type: string, answer: (expression: string) => unknown): ReturnType<typeof findActiveSpan> {
  return findActiveSpan(type, evaluating(answer), frame, new AbortController().signal);
}

test.each(["pwa-node", "node", "node-terminal", "debugpy", "python"])(
  "a %s program is asked",
  async (type) => {
    expect(await found(type, () => TOLD)).toMatchObject([{ name: "x" }]);
  },
);

test("a program of an unknown type is not asked at all", async () => {
  const asked: string[] = [];
  expect(await found("cobol", (expression) => void asked.push(expression))).toEqual([]);
  expect(asked).toEqual([]);
});

test("an adapter that refuses is no error", async () => {
  expect(await found("pwa-node", () => undefined)).toEqual([]);
});

test("once it is too late nothing more is asked", async () => {
  const stop = new AbortController();
  let asked = 0;
  const program = {
    request: () => {
      asked++;
      stop.abort();
      return Promise.reject(new Error("no such context"));
    },
  };
  expect(await findActiveSpan("pwa-node", program, frame, stop.signal)).toEqual([]);
  expect(asked).toBe(1);
});

test("what was asked in time is used though its answer comes late", async () => {
  const stop = new AbortController();
  let answer: (body: unknown) => void = () => undefined;
  const slow = { request: () => new Promise((resolve) => (answer = resolve)) };
  const finding = findActiveSpan("debugpy", slow, frame, stop.signal);
  stop.abort();
  answer({ result: TOLD });
  expect(await finding).toMatchObject([{ name: "x" }]);
});

test.each([
  ["pwa-node", "x"],
  ["debugpy", undefined],
  ["go", undefined],
])("whether %s is asked before its call stack is known", async (type, name) => {
  const asked: Readonly<Record<string, unknown>>[] = [];
  const program = {
    request: (_: string, args: Readonly<Record<string, unknown>>) => {
      asked.push(args);
      return Promise.resolve({ result: TOLD });
    },
  };
  const [span] = await findWithoutFrame(type, program, new AbortController().signal);
  expect(span?.name).toBe(name);
  expect(asked.map((args) => "frameId" in args)).toEqual(name === undefined ? [] : [false]);
  expect(await findWithoutFrame(type, program, AbortSignal.abort())).toEqual([]);
});
