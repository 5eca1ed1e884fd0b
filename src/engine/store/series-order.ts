import { PointColumns } from "../../model/metric-points.ts";

/** The points between two times, both inclusive, by their time; those of one time stay as they are. */
export function samplesInOrder(
  points: PointColumns,
  kind: number,
  fromNs: bigint | undefined,
  toNs: bigint | undefined,
): PointColumns {
  const isInside = rangeTest(points, fromNs ?? 0n, toNs ?? MAX_NS);
  const order: number[] = [];
  let sorted = true;
  for (let index = 0; index < points.count; index++) {
    if (!isInside(index)) continue;
    const before = order.at(-1);
    if (before !== undefined && compareTimes(points, before, index) > 0) sorted = false;
    order.push(index);
  }
  if (sorted && order.length === points.count) return points;
  if (!sorted) order.sort((a, b) => compareTimes(points, a, b));
  const result = new PointColumns();
  for (const index of order) result.addFrom(points, index, kind);
  return result;
}

const MAX_NS = 2n ** 64n - 1n;

function rangeTest(
  { timeLow, timeHigh }: PointColumns,
  fromNs: bigint,
  toNs: bigint,
): (index: number) => boolean {
  const from = halvesOf(fromNs < 0n ? 0n : fromNs);
  const to = halvesOf(toNs > MAX_NS ? MAX_NS : toNs);
  if (toNs < 0n || fromNs > MAX_NS) return () => false;
  return (index) => {
    const low = timeLow[index] ?? 0;
    const high = timeHigh[index] ?? 0;
    const isBefore = high < from.high || (high === from.high && low < from.low);
    const isAfter = high > to.high || (high === to.high && low > to.low);
    return !isBefore && !isAfter;
  };
}

function halvesOf(value: bigint): { readonly low: number; readonly high: number } {
  return { low: Number(value & 0xffff_ffffn), high: Number(value >> 32n) };
}

function compareTimes({ timeLow, timeHigh }: PointColumns, a: number, b: number): number {
  return (timeHigh[a] ?? 0) - (timeHigh[b] ?? 0) || (timeLow[a] ?? 0) - (timeLow[b] ?? 0);
}
