import type { LogBatch } from "../../model/log-batch.ts";
import { ID_WORDS, TRACE_WORDS } from "./log-chunk.ts";
import { areZero, setIds } from "./log-columns.ts";

/**
 * Tells records of traces of which something is held that came before a row: when all else was cleared, that was all
 * there was of these traces. Good for one batch.
 */
export function keptTraces(
  store: { rowsOfTrace(ids: Int32Array): Iterable<number> },
  beforeRow: number,
): (batch: LogBatch, index: number) => boolean {
  const known = new Map<string, boolean>();
  const ids = new Int32Array(ID_WORDS);
  return (batch, index) => {
    setIds(ids.fill(0), 0, batch, index);
    if (areZero(ids, 0, TRACE_WORDS)) return false;
    const trace = ids.subarray(0, TRACE_WORDS).join();
    const isKept = known.get(trace) ?? [...store.rowsOfTrace(ids)].some((row) => row < beforeRow);
    known.set(trace, isKept);
    return isKept;
  };
}
