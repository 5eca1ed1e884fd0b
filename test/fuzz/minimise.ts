import { performance } from "node:perf_hooks";
import { joined } from "./mutate-bytes.ts";

const MAX_MS = 5000;

/** Leaves out pieces, large ones first, as long as what remains still fails; gives up after some seconds. */
export async function minimise(
  input: Uint8Array,
  fails: (smaller: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  const deadline = performance.now() + MAX_MS;
  let smallest = input;
  for (let size = input.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < smallest.length && performance.now() < deadline;) {
      const smaller = joined(smallest.subarray(0, at), smallest.subarray(at + size));
      if (await fails(smaller)) smallest = smaller;
      else at += size;
    }
  }
  return smallest;
}
