import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What the heap and buffers hold after a collection, MiB. */
export function usedMiB(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
