import { expect, test } from "vitest";
import { StackBook } from "../../../../src/host/active-span/stack-book.ts";

interface Told {
  readonly id: number;
  readonly hint?: string;
  readonly path?: string;
}

/** What an adapter says to one `stackTrace` after the other. */
function bookOf(
  ...replies: readonly {
    readonly threadId?: number;
    readonly startFrame?: number;
    readonly frames: readonly Told[];
  }[]
): StackBook {
  const book = new StackBook();
  book.stopped(undefined);
  for (const [seq, { threadId = 1, startFrame, frames }] of replies.entries()) {
    const stackFrames = frames.map(({ id, hint, path = "/app/main.js" }) => ({
      ...{ id, name: "f", line: id, presentationHint: hint },
      ...(path !== "" && { source: { path } }),
    }));
    book.sent({ type: "request", seq, command: "stackTrace", arguments: { threadId, startFrame } });
    book.received({
      ...{ type: "response", request_seq: seq, command: "stackTrace", success: true },
      body: { stackFrames },
    });
  }
  return book;
}

test("a stack that was told in parts is one", () => {
  const book = bookOf({ frames: [{ id: 1 }] }, { startFrame: 1, frames: [{ id: 2 }, { id: 3 }] });
  expect(book.outwardsFrom(2).map(({ id, line }) => [id, line])).toEqual([
    [2, 2],
    [3, 3],
  ]);
  expect(book.depthOf(3)).toBe(2);
});

test("a frame that was given another id is the same one", () => {
  const book = bookOf({ frames: [{ id: 1000 }] }, { frames: [{ id: 1001 }, { id: 1002 }] });
  expect([book.depthOf(1000), book.depthOf(1001), book.depthOf(1002)]).toEqual([0, 0, 1]);
  expect(book.outwardsFrom(1000).map(({ id }) => id)).toEqual([1001, 1002]);
});

test.each<readonly [shown: number | undefined, frames: readonly Told[]]>([
  [1, [{ id: 1 }, { id: 2 }]],
  [
    3,
    [
      { id: 1, hint: "subtle" },
      { id: 2, hint: "label" },
      { id: 3, hint: "normal" },
    ],
  ],
  [2, [{ id: 1, path: "" }, { id: 2 }]],
  // Nobody's frame is better than none.
  [1, [{ id: 1, hint: "deemphasize" }]],
  [undefined, []],
])("VS Code selects frame %s", (shown, frames) => {
  expect(bookOf({ frames }).shownFrame(1)?.id).toBe(shown);
});

test("stacks of other threads are others", () => {
  const book = bookOf({ threadId: 1, frames: [{ id: 1 }] }, { threadId: 2, frames: [{ id: 2 }] });
  expect(book.shownFrame(2)?.id).toBe(2);
  expect(book.outwardsFrom(1).map(({ id }) => id)).toEqual([1]);
});

test.each([
  [undefined, []],
  [1, [2]],
])("when thread %s stops again, the stacks of %j are still known", (stopped, known) => {
  const book = bookOf({ threadId: 1, frames: [{ id: 1 }] }, { threadId: 2, frames: [{ id: 2 }] });
  book.stopped(stopped);
  expect([1, 2].filter((threadId) => book.shownFrame(threadId) !== undefined)).toEqual(known);
  expect([1, 2].filter((id) => book.depthOf(id) !== undefined)).toEqual(known);
});

test("a stack with a hole in it is not known behind the hole", () => {
  const book = bookOf({ frames: [{ id: 1 }] }, { startFrame: 5, frames: [{ id: 9 }] });
  expect(book.outwardsFrom(1).map(({ id }) => id)).toEqual([1]);
  expect(book.depthOf(9)).toBeUndefined();
});

test.each([
  ["nothing", undefined],
  ["a refusal", { type: "response", request_seq: 0, command: "stackTrace", success: false }],
  ["a reply to nobody", { type: "response", request_seq: 7, command: "stackTrace", success: true, body: {} }],
  [
    "frames that are none",
    {
      type: "response",
      request_seq: 0,
      command: "stackTrace",
      success: true,
      body: { stackFrames: [7, null, { id: "x" }] },
    },
  ],
])("%s tells of no frames", (_, message) => {
  const book = new StackBook();
  book.sent({ type: "request", seq: 0, command: "stackTrace", arguments: { threadId: 1 } });
  book.received(message);
  expect(book.shownFrame(1)).toBeUndefined();
});
