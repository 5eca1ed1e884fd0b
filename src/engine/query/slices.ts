import { err, ok, type Problem, type Result } from "../../base/result.ts";

/**
 * Work on a store that can be interrupted: wherever it yields, others may run, and the store may change. Between two
 * yields lie well under a millisecond's worth of rows.
 */
export type Sliced<Value> = Generator<undefined, Value, undefined>;

/** What a request may wait for while somebody else's work goes on; a tenth of what a person takes for "at once". */
const SLICE_MS = 8;

/** Rows between two yields: some hundred nanoseconds each. */
export const ROWS_PER_YIELD = 4096;

/** Does all of it now. */
export function runAtOnce<Value>(work: Sliced<Value>): Value {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Does it in slices of a few milliseconds, with sockets and messages served in between. The problem's code is `cancelled`.
 * @param rest is waited for between two slices; at least one turn of the event loop.
 */
export async function runInSlices<Value>(
  work: Sliced<Value>,
  signal?: AbortSignal,
  rest?: () => Promise<void>,
): Promise<Result<Value, Problem>> {
  try {
    for (;;) {
      const endMs = performance.now() + SLICE_MS;
      do {
        const step = work.next();
        if (step.done === true) return ok(step.value);
      } while (performance.now() < endMs);
      await new Promise((resolve) => setImmediate(resolve));
      await rest?.();
      if (signal?.aborted === true)
        return err({ code: "cancelled", message: "Nobody waits for the answer any more." });
    }
  } finally {
    // Whatever ends it, the work may clean up.
    work.return(undefined as never);
  }
}
