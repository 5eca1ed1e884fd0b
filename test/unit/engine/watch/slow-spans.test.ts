import { beforeEach, expect, test } from "vitest";
import type { SpanId, TraceId } from "../../../../src/model/ids.ts";
import { SlowSpans, type OpenSpan, type SlowSpan } from "../../../../src/engine/watch/slow-spans.ts";
import type { SpanBreakpoint } from "../../../../src/protocol/span-breakpoint.ts";

/** A world with a clock of its own: time passes only in {@link pass}. */
class World {
  nowMs = 0;
  readonly timers = new Set<{ readonly atMs: number; readonly act: () => void }>();
  readonly found: SlowSpan[] = [];
  looks = 0;
  spans: {
    readonly id: string;
    readonly startMs: number;
    name: string;
    pausedSinceMs?: number;
    waitsSinceMs?: number;
  }[] = [];
  readonly slow = new SlowSpans({
    openSpans: () => {
      this.looks++;
      return this.spans.map((span) => this.#open(span));
    },
    after: (delayMs, act) => {
      const timer = { atMs: this.nowMs + delayMs, act };
      this.timers.add(timer);
      return () => this.timers.delete(timer);
    },
    onFound: (span) => this.found.push(span),
  });

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.timers].sort((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.timers.delete(next);
      this.nowMs = next.atMs;
      next.act();
    }
    this.nowMs = untilMs;
  }

  #open({ id, name, startMs, pausedSinceMs, waitsSinceMs }: World["spans"][number]): OpenSpan {
    return {
      traceId: "t" as TraceId,
      spanId: id as SpanId,
      name,
      service: "cart",
      sessionId: undefined,
      processId: 7,
      host: undefined,
      runningMs: (pausedSinceMs ?? waitsSinceMs ?? this.nowMs) - startMs,
      isPaused: pausedSinceMs !== undefined,
      isHeld: (pausedSinceMs ?? waitsSinceMs) !== undefined,
      matchable: () => ({ name, status: "unset", attribute: () => undefined }),
    };
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});

function over(overMs: number, more: Partial<SpanBreakpoint> = {}): SpanBreakpoint {
  return { id: `over ${overMs}`, enabled: true, moment: "slow", overMs, ...more };
}

test("without rules nothing is looked at and no timer is set", () => {
  world.spans = [{ id: "a", name: "GET", startMs: 0 }];
  world.slow.set([over(5, { enabled: false }), { id: "x", enabled: true, moment: "starts" }]);
  world.slow.changed();
  world.pass(1000);
  expect([world.looks, world.timers.size]).toEqual([0, 0]);
});

test("a span is told once, when its time is over", () => {
  world.slow.set([over(500)]);
  world.pass(100);
  world.spans = [{ id: "a", name: "GET", startMs: 100 }];
  world.slow.changed();
  world.pass(499);
  expect(world.found).toEqual([]);
  world.pass(2);
  expect(world.found).toMatchObject([
    { breakpointId: "over 500", spanId: "a", processId: 7, runningMs: 500 },
  ]);
  world.slow.changed();
  world.pass(5000);
  expect(world.found).toHaveLength(1);
  expect(world.looks, "nothing is looked at again and again").toBeLessThan(6);
});

test("one timer waits for the nearest deadline of all spans and rules", () => {
  world.spans = [
    { id: "a", name: "GET", startMs: 0 },
    { id: "b", name: "POST", startMs: -300 },
  ];
  world.slow.set([over(1000, { name: "GET" }), over(800, { name: "P*" })]);
  world.pass(30);
  expect(world.timers.size).toBe(1);
  world.pass(1000);
  expect(world.found.map(({ spanId }) => spanId)).toEqual(["b", "a"]);
});

test("the time of a paused process does not count", () => {
  world.spans = [{ id: "a", name: "GET", startMs: 0 }];
  world.slow.set([over(500)]);
  world.pass(200);
  world.spans = [{ id: "a", name: "GET", startMs: 0, pausedSinceMs: 200 }];
  world.slow.changed();
  world.pass(10_000);
  expect(world.found).toEqual([]);
  // After the pause of ten seconds: a start that much later stands for the time that is left out.
  world.spans = [{ id: "a", name: "GET", startMs: 10_000 }];
  world.slow.changed();
  world.pass(299);
  expect(world.found).toEqual([]);
  world.pass(2);
  expect(world.found).toHaveLength(1);
});

test("a caller that waits for a paused process is not looked at again until the pause ends", () => {
  world.spans = [{ id: "a", name: "GET", startMs: 0, waitsSinceMs: 499 }];
  world.slow.set([over(500)]);
  world.pass(10_000);
  expect([world.looks, world.timers.size]).toEqual([1, 0]);
  world.spans = [{ id: "a", name: "GET", startMs: 9501 }];
  world.slow.changed();
  world.pass(30);
  expect(world.found).toHaveLength(1);
});

test("a span that has ended is not told", () => {
  world.spans = [{ id: "a", name: "GET", startMs: 0 }];
  world.slow.set([over(500)]);
  world.pass(400);
  world.spans = [];
  world.pass(1000);
  expect(world.found).toEqual([]);
});
