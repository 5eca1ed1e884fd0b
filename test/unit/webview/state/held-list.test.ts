import { describe, expect, it } from "vitest";
import type { RunNumber } from "../../../../src/model/ids.ts";
import type { TraceSummary } from "../../../../src/model/trace.ts";
import { HeldList } from "../../../../webview/state/held-list.ts";
import { traceIdOf } from "../../../webview/harness/sample-traces.ts";

function trace(number: number, spanCount = 1): TraceSummary {
  return {
    traceId: traceIdOf(number),
    run: 1 as RunNumber,
    name: `trace ${number}`,
    services: ["api"],
    spanCount,
    errorCount: 0,
    runningCount: 0,
    lostCount: 0,
    missingParentCount: 0,
    startMs: number,
    durationNs: 1,
    pinned: false,
  };
}

function listOf(...numbers: readonly number[]): readonly TraceSummary[] {
  return numbers.map((number) => trace(number));
}

function shownOf(list: HeldList): readonly number[] {
  return list.shown.map((one) => Number.parseInt(one.traceId, 16));
}

describe("HeldList", () => {
  it("shows what is new at once while nobody looks", () => {
    const list = new HeldList();
    list.offer(listOf(2, 1));
    list.offer(listOf(3, 2, 1));
    expect(shownOf(list)).toEqual([3, 2, 1]);
    expect(list.waitingCount).toBe(0);
  });

  it("keeps every row in its place while held, and counts what waits", () => {
    const list = new HeldList();
    list.offer(listOf(2, 1));
    list.hold(true);
    list.offer(listOf(5, 4, 3, 2, 1));
    expect(shownOf(list)).toEqual([2, 1]);
    expect(list.waitingCount).toBe(3);
  });

  it("brings what is shown up to date while held", () => {
    const list = new HeldList();
    list.offer([trace(1, 1)]);
    list.hold(true);
    list.offer([trace(2), trace(1, 7)]);
    expect(list.shown.map((one) => one.spanCount)).toEqual([7]);
  });

  it("keeps a row that left the store while a person may be pointing at it", () => {
    const list = new HeldList();
    list.offer(listOf(2, 1));
    list.hold(true);
    list.offer(listOf(3, 2));
    expect(shownOf(list)).toEqual([2, 1]);
    list.hold(false);
    expect(shownOf(list)).toEqual([3, 2]);
  });

  it("appends older traces that a longer answer brings", () => {
    const list = new HeldList();
    list.offer(listOf(9, 8));
    list.hold(true);
    list.offer(listOf(10, 9, 8, 7, 6));
    expect(shownOf(list)).toEqual([9, 8, 7, 6]);
    expect(list.waitingCount).toBe(1);
  });

  it("shows the first traces even while the empty list is held", () => {
    const list = new HeldList();
    list.hold(true);
    list.offer(listOf(1));
    expect(shownOf(list)).toEqual([1]);
  });

  it("shows what waits when asked, and goes on holding", () => {
    const list = new HeldList();
    list.offer(listOf(1));
    list.hold(true);
    list.offer(listOf(2, 1));
    list.release();
    expect(shownOf(list)).toEqual([2, 1]);
    list.offer(listOf(3, 2, 1));
    expect(shownOf(list)).toEqual([2, 1]);
  });
});
