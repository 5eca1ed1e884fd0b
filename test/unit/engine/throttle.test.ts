import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Throttle } from "../../../src/engine/throttle.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first request is served at once, the others once an interval", () => {
  const servedAt: number[] = [];
  const began = Date.now();
  const throttle = new Throttle(50, () => servedAt.push(Date.now() - began));
  for (let ms = 0; ms < 120; ms += 10) {
    throttle.request();
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1000);
  expect(servedAt).toEqual([0, 50, 100, 150]);
});

test("after a quiet interval a request is served at once again", () => {
  let served = 0;
  const throttle = new Throttle(50, () => served++);
  throttle.request();
  vi.advanceTimersByTime(60);
  throttle.request();
  expect(served).toBe(2);
});

test("a request that comes while one is served waits its turn", () => {
  let served = 0;
  const throttle: Throttle = new Throttle(50, () => {
    if (++served < 3) throttle.request();
  });
  throttle.request();
  expect(served).toBe(1);
  vi.advanceTimersByTime(100);
  expect(served).toBe(3);
});

test("a disposed throttle serves nothing any more", () => {
  let served = 0;
  const throttle = new Throttle(50, () => served++);
  throttle.request();
  throttle.request();
  throttle.dispose();
  throttle.request();
  vi.advanceTimersByTime(100);
  expect(served).toBe(1);
});
