import { ROWS_PER_YIELD, type Sliced } from "./slices.ts";

/** The indexes of these numbers in ascending order, those of equal numbers in their own; a merge sort in slices. */
export function* sortedOrder(keys: Float64Array): Sliced<Uint32Array> {
  const { length } = keys;
  let order = new Uint32Array(length);
  for (let n = 0; n < length; n++) order[n] = n;
  for (let start = 0; start < length; start += ROWS_PER_YIELD) {
    const run = order.subarray(start, start + ROWS_PER_YIELD);
    run.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
    yield;
  }
  let merged = new Uint32Array(length);
  for (let width = ROWS_PER_YIELD; width < length; width *= 2) {
    for (let start = 0; start < length; start += width * 2) {
      yield* merge(
        keys,
        order,
        merged,
        start,
        Math.min(start + width, length),
        Math.min(start + width * 2, length),
      );
    }
    [order, merged] = [merged, order];
  }
  return order;
}

/** Merges the sorted runs from `start` to `middle` and from there to `end`. */
function* merge(
  keys: Float64Array,
  from: Uint32Array,
  into: Uint32Array,
  start: number,
  middle: number,
  end: number,
): Sliced<void> {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const a = from[left] ?? 0;
    const b = from[right] ?? 0;
    const takesLeft = right >= end || (left < middle && (keys[a] ?? 0) <= (keys[b] ?? 0));
    into[at] = takesLeft ? a : b;
    if (takesLeft) left++;
    else right++;
    if (at % ROWS_PER_YIELD === ROWS_PER_YIELD - 1) yield;
  }
}
