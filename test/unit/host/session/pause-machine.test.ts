import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PauseMachine, type Stop } from "../../../../src/host/session/pause-machine.ts";
import type { V8Word } from "../../../../src/host/session/v8-pauses.ts";
import type { RecordedMessage, Recording } from "../../../pauses/recording.ts";

const MS = 1_000_000n;

/** Plays messages to one machine; the last word on every stop, in the order in which they began. */
function play(
  messages: readonly (readonly [to: RecordedMessage["to"] | "end", atNs: bigint, message?: unknown])[],
): { readonly stops: readonly Stop[]; readonly machine: PauseMachine } {
  const machine = new PauseMachine();
  const stops = new Map<number, Stop>();
  for (const [to, atNs, message] of messages) {
    if (to === "adapter") machine.sent(message, atNs);
    if (to === "runtime") {
      if ((message as { readonly word: V8Word }).word === "paused") machine.held(atNs);
      else machine.released();
    }
    const told = to === "end" ? machine.ended(atNs) : to === "client" ? machine.received(message, atNs) : [];
    for (const stop of told) stops.set(stop.number, stop);
  }
  return { stops: [...stops.values()].sort((a, b) => a.number - b.number), machine };
}

describe("recorded adapters", () => {
  const folder = new URL("pauses/", import.meta.url);
  const recordings = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => [name.slice(0, -".json".length), read(name)] as const);

  function read(name: string): Recording {
    return JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Recording;
  }

  /** One line a stop: the line of code, and between which messages the process was held. `vitest -u` writes them anew. */
  function storyOf({ messages, sessions }: Recording): readonly string[] {
    return Object.keys(sessions ?? { "": "" }).flatMap((session) => {
      const own = messages.filter((message) => (message.session ?? "") === session);
      const { stops } = play(own.map(({ to, atMs, message }) => [to, nanos(atMs), message]));
      return stops.map((stop) => {
        const ofThread = stop.thread === undefined ? "" : `thread ${stop.thread.id} `;
        const line =
          stop.place === undefined ? "somewhere" : `${baseName(stop.place.path)}:${stop.place.line}`;
        return `${ofThread}${line}: ${nameAt(own, stop.startNs)} to ${nameAt(own, stop.endNs)}`;
      });
    });
  }

  test.each(recordings)("%s", async (name, recording) => {
    await expect(`${storyOf(recording).join("\n")}\n`).toMatchFileSnapshot(`pauses/${name}.txt`);
  });
});

function nanos(atMs: number): bigint {
  return BigInt(Math.round(atMs * 1000)) * 1000n;
}

function baseName(path: string): string {
  return path.split("/").at(-1) ?? path;
}

function nameAt(messages: readonly RecordedMessage[], atNs: bigint | undefined): string {
  if (atNs === undefined) return "now";
  const found = messages.find(({ atMs }) => nanos(atMs) === atNs)?.message;
  if (found === undefined) return "nothing";
  if (typeof found["word"] === "string") return `V8: ${found["word"]}`;
  return found["type"] === "event"
    ? String(found["event"])
    : `${String(found["type"])} ${String(found["command"])}`;
}

const stopped = (threadId?: number, allThreadsStopped?: boolean): object => ({
  type: "event",
  event: "stopped",
  body: { reason: "breakpoint", threadId, allThreadsStopped },
});
const event = (name: string, body: object = {}): object => ({ type: "event", event: name, body });
const request = (seq: number, command: string, given: object = {}): object => ({
  type: "request",
  seq,
  command,
  arguments: given,
});
const reply = (seq: number, command: string, body: object = {}, success = true): object => ({
  type: "response",
  request_seq: seq,
  command,
  success,
  body,
});
const threads = (seq: number, ...ids: readonly number[]): object =>
  reply(seq, "threads", { threads: ids.map((id) => ({ id, name: `Thread [t${id}]` })) });

const v8 = (word: V8Word): object => ({ word });

type Line = readonly [to: RecordedMessage["to"] | "end", message?: object];

/** Each message comes a millisecond after the one before, from 0 on. Stops are "from-to", of a thread with its id. */
const cases: readonly [title: string, lines: readonly Line[], stops: readonly string[]][] = [
  [
    "Java: a thread's stop is the thread's alone while others run",
    [
      ["client", event("thread", { reason: "started", threadId: 1 })],
      ["client", event("thread", { reason: "started", threadId: 2 })],
      ["client", stopped(2, false)],
      ["adapter", request(1, "continue", { threadId: 2 })],
      ["client", reply(1, "continue", { allThreadsContinued: false })],
    ],
    ["t2 2-4"],
  ],
  [
    "Java: two threads one after the other, the process while both are held",
    [
      ["client", event("thread", { reason: "started", threadId: 1 })],
      ["client", event("thread", { reason: "started", threadId: 2 })],
      ["client", stopped(1, false)],
      ["client", stopped(2, false)],
      ["adapter", request(1, "continue", { threadId: 1 })],
      ["client", reply(1, "continue", { allThreadsContinued: false })],
      ["adapter", request(2, "next", { threadId: 2 })],
      ["client", reply(2, "next")],
    ],
    ["t1 2-5", "3-5", "t2 5-7"],
  ],
  [
    "an adapter that says nothing of other threads, and has none",
    [
      ["client", stopped(1)],
      ["adapter", request(1, "threads")],
      ["client", threads(1, 1)],
      ["adapter", request(2, "continue", { threadId: 1 })],
      ["client", reply(2, "continue")],
    ],
    ["0-4"],
  ],
  [
    "what was taken for a stop of the process turns out to be a thread's",
    [
      ["client", stopped(1)],
      ["adapter", request(1, "threads")],
      ["client", threads(1, 1, 2)],
      ["adapter", request(2, "continue", { threadId: 1 })],
      ["client", reply(2, "continue", { allThreadsContinued: false })],
    ],
    ["t1 0-4"],
  ],
  [
    "Delve: a pause without a thread",
    [
      ["client", stopped()],
      ["client", event("continued", {})],
    ],
    ["0-1"],
  ],
  [
    "debugpy: continued names another thread",
    [
      ["client", stopped(6, true)],
      ["client", event("continued", { threadId: 10, allThreadsContinued: true })],
    ],
    ["0-1"],
  ],
  [
    "a wrong thread in continued: the request knows better",
    [
      ["client", event("thread", { reason: "started", threadId: 1 })],
      ["client", stopped(6, false)],
      ["adapter", request(1, "next", { threadId: 6 })],
      ["client", event("continued", { threadId: 10, allThreadsContinued: false })],
    ],
    ["t6 1-3"],
  ],
  [
    "a reply that comes after the next stop ends the stop before, not the next",
    [
      ["client", stopped(1, true)],
      ["adapter", request(1, "next", { threadId: 1 })],
      ["client", stopped(1, true)],
      ["client", reply(1, "next")],
      ["adapter", request(2, "continue", { threadId: 1 })],
      ["client", reply(2, "continue")],
    ],
    ["0-1", "2-5"],
  ],
  [
    "a second thread that stops meanwhile makes no gap",
    [
      ["client", stopped(1, true)],
      ["client", stopped(2, true)],
      ["client", event("continued", { allThreadsContinued: true })],
    ],
    ["0-2"],
  ],
  [
    "a request that failed resumes nothing",
    [
      ["client", stopped(1, true)],
      ["adapter", request(1, "continue")],
      ["client", reply(1, "continue", {}, false)],
      ["end"],
    ],
    ["0-3"],
  ],
  [
    "goto and restartFrame set the program going until the adapter says that it stands again",
    [
      ["client", stopped(1, true)],
      ["adapter", request(1, "goto", { threadId: 1 })],
      ["client", reply(1, "goto")],
      ["client", stopped(1, true)],
      ["adapter", request(2, "restartFrame")],
      ["client", reply(2, "restartFrame")],
    ],
    ["0-2", "3-5"],
  ],
  [
    "a restart by the adapter ends the stop of the process before",
    [
      ["client", stopped(1, true)],
      ["adapter", request(1, "restart")],
      ["client", reply(1, "restart")],
      ["client", stopped(1, true)],
    ],
    ["0-2", "3-"],
  ],
  [
    "hot reload changes nothing",
    [
      ["client", stopped(1, true)],
      ["adapter", request(1, "hotReload")],
      ["client", reply(1, "hotReload")],
      ["client", event("continued", { allThreadsContinued: true })],
    ],
    ["0-3"],
  ],
  [
    "letting go of the process ends its stop",
    [
      ["client", stopped(1, true)],
      ["adapter", request(1, "disconnect", { terminateDebuggee: false })],
      ["client", reply(1, "disconnect")],
    ],
    ["0-2"],
  ],
  [
    "a crash while paused",
    [
      ["client", stopped(1, true)],
      ["client", event("exited", { exitCode: 139 })],
      ["client", event("terminated")],
    ],
    ["0-1"],
  ],
  ["an adapter that is gone", [["client", stopped(1, true)], ["end"], ["end"]], ["0-1"]],
  ["attached to what stands already: the stop at entry", [["client", stopped(1, true)]], ["0-"]],
  [
    "a thread that ends is held no more",
    [
      ["client", event("thread", { reason: "started", threadId: 1 })],
      ["client", stopped(2, false)],
      ["client", event("thread", { reason: "exited", threadId: 2 })],
    ],
    ["t2 1-2"],
  ],
  [
    "a stop began with the runtime's own word, which comes before the adapter's",
    [
      ["runtime", v8("paused")],
      ["client", stopped(1, true)],
      ["adapter", request(1, "next", { threadId: 1 })],
      ["client", reply(1, "next")],
      ["runtime", v8("resumed")],
      ["runtime", v8("paused")],
      ["client", stopped(1, true)],
    ],
    ["0-3", "5-"],
  ],
  [
    "a hold that the adapter ended by itself is no stop, and no part of the next",
    [
      ["runtime", v8("paused")],
      ["runtime", v8("resumed")],
      ["client", stopped(1, true)],
      ["client", event("continued", { allThreadsContinued: true })],
    ],
    ["2-3"],
  ],
  [
    "the runtime's word after the adapter's says nothing new",
    [
      ["client", stopped(1, true)],
      ["runtime", v8("paused")],
      ["client", event("continued", { allThreadsContinued: true })],
      ["runtime", v8("resumed")],
      ["client", stopped(1, true)],
    ],
    ["0-2", "4-"],
  ],
  [
    "a step that ends before its reply: the next stop begins where the one before ended",
    [
      ["client", stopped(1, true)],
      ["adapter", request(1, "next", { threadId: 1 })],
      ["runtime", v8("resumed")],
      ["runtime", v8("paused")],
      ["client", event("continued", { threadId: 1 })],
      ["client", stopped(1, true)],
    ],
    ["0-4", "4-"],
  ],
  [
    "what is no message changes nothing",
    [
      ["client", [] as object],
      ["client", {}],
      ["client", { type: "event" }],
      ["adapter", { type: "request" }],
    ],
    [],
  ],
  [
    "a stop with a body of another form is a stop of all",
    [["client", { type: "event", event: "stopped", body: 7 }]],
    ["0-"],
  ],
];

test.each(cases)("%s", (_title, lines, expected) => {
  const { stops } = play(lines.map(([to, message], n) => [to, BigInt(n), message]));
  const told = stops.map(
    ({ startNs, endNs, thread }) =>
      `${thread === undefined ? "" : `t${thread.id} `}${startNs}-${endNs ?? ""}`,
  );
  expect(told).toEqual(expected);
});

test("tells the process: of `process`, and of Java's own event", () => {
  const idOf = (message: object): number | undefined => play([["client", 0n, message]]).machine.processId;
  expect(idOf(event("process", { systemProcessId: 42 }))).toBe(42);
  expect(idOf(event("processid", { processId: 43 }))).toBe(43);
});

test("takes the place from the reply that the client asked for anyway", () => {
  const frames = [
    { id: 1, name: "async", presentationHint: "label", line: 0 },
    { id: 2, name: "pay", line: 12, source: { path: "/shop/cart.ts" } },
  ];
  const { stops } = play([
    ["client", 0n, stopped(1, true)],
    ["adapter", 1n, request(1, "stackTrace", { threadId: 1 })],
    ["client", 2n, reply(1, "stackTrace", { stackFrames: frames })],
  ]);
  expect(stops[0]?.place).toEqual({ path: "/shop/cart.ts", line: 12, functionName: "pay" });
});

test("whatever is said in whatever order: no stop is negative, none of one process overlaps, and the end ends all", () => {
  const id = fc.nat(3);
  const flag = fc.constantFrom(true, false, undefined);
  const command = fc.constantFrom(
    "continue",
    "next",
    "goto",
    "threads",
    "disconnect",
    "stackTrace",
    "evaluate",
  );
  const line: fc.Arbitrary<Line> = fc.oneof(
    fc.tuple(id, flag).map(([thread, all]) => ["client", stopped(thread, all)] as const),
    fc
      .tuple(id, flag)
      .map(
        ([thread, all]) =>
          ["client", event("continued", { threadId: thread, allThreadsContinued: all })] as const,
      ),
    fc
      .tuple(id, fc.constantFrom("started", "exited"))
      .map(([thread, reason]) => ["client", event("thread", { threadId: thread, reason })] as const),
    fc
      .tuple(id, command, id, fc.boolean())
      .map(
        ([seq, name, thread, single]) =>
          ["adapter", request(seq, name, { threadId: thread, singleThread: single })] as const,
      ),
    fc
      .tuple(id, command, fc.boolean(), flag)
      .map(
        ([seq, name, success, all]) =>
          [
            "client",
            reply(
              seq,
              name,
              { allThreadsContinued: all, threads: [{ id: seq, name: "x" }], stackFrames: null },
              success,
            ),
          ] as const,
      ),
    fc.constant(["client", event("exited")] as const),
    fc.constantFrom<V8Word>("paused", "resumed").map((word) => ["runtime", v8(word)] as const),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(line, fc.integer({ min: -2, max: 20 })), { maxLength: 60 }), (steps) => {
      let at = 1000n;
      const lines = steps.map(([[to, message], later]) => [to, (at += BigInt(later)), message] as const);
      const { stops, machine } = play([...lines, ["end", (at += 1n)]]);
      expect(machine.isPaused).toBe(false);
      for (const { startNs, endNs } of stops) expect(endNs !== undefined && endNs >= startNs).toBe(true);
      const isMonotonic = steps.every(([, later]) => later >= 0);
      const keys = new Set(stops.map(({ thread }) => thread?.id));
      for (const key of isMonotonic ? keys : []) {
        const own = stops.filter(({ thread }) => thread?.id === key);
        for (const [n, stop] of own.entries()) expect(stop.startNs >= (own[n - 1]?.endNs ?? 0n)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test("a stop of 100 ms is told as 100 ms", () => {
  const { stops } = play([
    ["client", 5n * MS, stopped(1, true)],
    ["client", 105n * MS, event("continued", { allThreadsContinued: true })],
  ]);
  expect(stops.map(({ startNs, endNs }) => (endNs ?? 0n) - startNs)).toEqual([100n * MS]);
});

test("a stop that is led to the person's code by steps is one, at the place that it was led to", () => {
  const machine = new PauseMachine();
  const told: Stop[] = [];
  const hear = (message: object, atMs: bigint): void => {
    told.push(...machine.received(message, atMs * MS));
  };
  const step = (seq: number, atMs: bigint): void => {
    machine.sent(request(seq, "stepOut", { threadId: 1 }), atMs * MS);
    hear(reply(seq, "stepOut", {}), atMs);
    hear(event("continued", { threadId: 1 }), atMs);
  };
  hear(stopped(1, false), 10n);
  machine.led(true);
  step(1, 12n);
  hear(stopped(1, false), 14n);
  step(2, 15n);
  hear(stopped(1, false), 16n);
  machine.led(false);
  machine.sent(request(3, "stackTrace", { threadId: 1 }), 17n * MS);
  const frame = { id: 1, name: "pay", line: 12, source: { path: "/shop/cart.ts" } };
  hear(reply(3, "stackTrace", { stackFrames: [frame] }), 18n);
  expect(told.at(-1)).toMatchObject({ number: 0, startNs: 10n * MS, place: { path: "/shop/cart.ts" } });
  expect(told.at(-1)?.endNs).toBeUndefined();
  step(4, 30n);
  hear(stopped(1, false), 31n);
  expect(new Set(told.map(({ number }) => number))).toEqual(new Set([0, 1]));
  expect(told.findLast(({ number }) => number === 0)?.endNs).toBe(30n * MS);
});
