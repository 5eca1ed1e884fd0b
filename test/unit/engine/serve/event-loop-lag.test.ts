import { expect, onTestFinished, test } from "vitest";
import { EventLoopLag } from "../../../../src/engine/serve/event-loop-lag.ts";

const BLOCKED_MS = 60;

/** Keeps the event loop from its next turn, and lets its watchers see that. */
async function block(): Promise<void> {
  await turn();
  const end = performance.now() + BLOCKED_MS;
  while (performance.now() < end);
  await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 25));
}

test("the lag is the same for every reader, and is forgotten after a while", async () => {
  let nowMs = 0;
  const lag = new EventLoopLag(() => nowMs);
  onTestFinished(() => lag.dispose());
  await block();
  const first = lag.read();
  expect(first.max).toBeGreaterThan((BLOCKED_MS - 20) / 1000);
  expect(lag.read().max).toBe(first.max);
  nowMs = 60_000;
  // Old enough to be told by itself, and young enough to have seen it.
  expect(lag.read().max).toBeGreaterThan((BLOCKED_MS - 20) / 1000);
  nowMs = 120_000;
  expect(lag.read().max).toBeLessThan((BLOCKED_MS - 20) / 1000);
});
