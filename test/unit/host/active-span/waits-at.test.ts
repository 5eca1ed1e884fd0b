import { expect, test } from "vitest";
import type { ActiveSpan } from "../../../../src/host/active-span/active-span.ts";
import { waitsAt } from "../../../../src/host/active-span/waits-at.ts";
import type { SpanFrame } from "../../../../src/model/span-stack.ts";
import type { Pause } from "../../../../src/model/pause.ts";

const cart = "cart-session" as SpanFrame["sessionId"] & string;
const api = "api-session" as SpanFrame["sessionId"] & string;
const frameOf = (row: number, sessionId: SpanFrame["sessionId"]) => ({ row, sessionId }) as SpanFrame;
const outside = "outside-session" as SpanFrame["sessionId"] & string;
const fromOutside = (row: number, service: string) => ({ ...frameOf(row, outside), service });
const inCart = frameOf(2, cart);
const inApi = frameOf(1, api);
const active: ActiveSpan = {
  sessionId: cart,
  stack: { frames: [inCart, inApi], parentMissing: false },
  guess: false,
};
const attached: ActiveSpan = {
  ...active,
  stack: {
    frames: [fromOutside(5, "cart"), fromOutside(4, "cart"), fromOutside(3, "api")],
    parentMissing: false,
  },
};
const pause: Pause = {
  id: "a",
  sessionId: cart,
  processId: 1,
  name: "cart",
  startTimeUnixNano: "1",
  endTimeUnixNano: undefined,
  place: { path: "/src/cart.ts", line: 12 },
};
const over: Pause = { ...pause, endTimeUnixNano: "2", place: { path: "/src/old.ts", line: 1 } };

test.each([
  ["the paused thread's span", inCart, active, [over, pause], "paused at cart.ts:12"],
  ["its caller in another process", inApi, active, [over, pause], "waits for cart, paused at cart.ts:12"],
  [
    "a place on Windows",
    inCart,
    active,
    [{ ...pause, place: { path: "C:\\src\\a.ts", line: 1 } }],
    "paused at a.ts:1",
  ],
  [
    "the span of a paused program that was attached to",
    fromOutside(5, "cart"),
    attached,
    [pause],
    "paused at cart.ts:12",
  ],
  ["its caller in that program", fromOutside(4, "cart"), attached, [pause], "paused at cart.ts:12"],
  [
    "its caller in another that was attached to",
    fromOutside(3, "api"),
    attached,
    [pause],
    "waits for cart, paused at cart.ts:12",
  ],
  ["another request of the paused process", frameOf(9, cart), active, [pause], undefined],
  ["where nothing is paused any more", inCart, active, [over], undefined],
  ["where the place is not known yet", inCart, active, [{ ...pause, place: undefined }], undefined],
  ["where the active span is a guess", inCart, { ...active, guess: true }, [pause], undefined],
  ["where no span is active", inCart, undefined, [pause], undefined],
] as const)("where an unfinished span waits: %s", (_, frame, at, pauses, expected) => {
  expect(waitsAt(frame, at, pauses)).toBe(expected);
});
