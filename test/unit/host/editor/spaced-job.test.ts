import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SpacedJob } from "../../../../src/host/editor/spaced-job.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("is done at once, then with a pause, once for all that was asked meanwhile, and not unasked", async () => {
  let done = 0;
  const job = new SpacedJob(() => {
    done++;
    return Promise.resolve();
  }, 500);
  job.request();
  expect(done).toBe(1);
  for (let n = 0; n < 10; n++) job.request();
  await vi.advanceTimersByTimeAsync(499);
  expect(done).toBe(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(done).toBe(2);
  await vi.advanceTimersByTimeAsync(5000);
  expect(done).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
  job.request();
  expect(done).toBe(3);
  job.request();
  job.dispose();
  await vi.advanceTimersByTimeAsync(5000);
  job.request();
  expect(done).toBe(3);
});

test("is never done twice at a time", async () => {
  let running = 0;
  let most = 0;
  const job = new SpacedJob(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    running--;
  }, 500);
  for (let n = 0; n < 20; n++) {
    job.request();
    await vi.advanceTimersByTimeAsync(300);
  }
  expect(most).toBe(1);
});
