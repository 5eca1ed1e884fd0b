import { expect, test } from "vitest";
import { memoryPressure } from "../../../src/engine/pressure.ts";

const MIB = 1024 * 1024;
const CALM = { usedHeapBytes: 100 * MIB, heapLimitBytes: 1000 * MIB, externalBytes: 300 * MIB };

test.each([
  ["nothing waits and memory is short", 0, { ...CALM, usedHeapBytes: 990 * MIB }, undefined],
  ["something waits and there is room", 60 * MIB, CALM, undefined],
  ["too much waits", 130 * MIB, CALM, 1],
  ["something waits and the heap is nearly full", 1, { ...CALM, usedHeapBytes: 860 * MIB }, 1],
  ["something waits and buffers take too much", 1, { ...CALM, externalBytes: 800 * MIB }, 1],
])("senders shall come back later: %s", (_when, pending, reading, expected) => {
  const parts = {
    pendingBytes: () => pending,
    maxStoreBytes: () => 256 * MIB,
    memory: () => reading,
  };
  expect(memoryPressure(parts)).toBe(expected);
});

test("this thread's own memory is read", () => {
  expect(memoryPressure({ pendingBytes: () => 1, maxStoreBytes: () => 64 * 2 ** 30 })).toBeUndefined();
});
