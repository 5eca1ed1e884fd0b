import { getHeapStatistics } from "node:v8";

interface MemoryReading {
  readonly usedHeapBytes: number;
  readonly heapLimitBytes: number;
  /** Buffers: columns, records and bodies. */
  readonly externalBytes: number;
}

interface PressureParts {
  /** Bytes of requests that were read and are not stored yet. */
  readonly pendingBytes: () => number;
  /** What the store may take. */
  readonly maxStoreBytes: () => number;
  readonly memory?: () => MemoryReading;
}

/** Two bodies of the largest size. */
const MAX_PENDING_BYTES = 128 * 1024 * 1024;

/** The collector frees much of what is in use, but with more than this it has to hurry. */
const MAX_HEAP_SHARE = 0.85;

/** What bodies, indexes that grow, and answers may take beside the store. */
const EXTERNAL_RESERVE_BYTES = 512 * 1024 * 1024;

const RETRY_AFTER_SECONDS = 1;

/**
 * Seconds after which senders shall come back, because memory runs short: too much is waiting to be stored, or something
 * is, and the thread's memory is nearly used up. With nothing waiting a request is always taken: refusing would free
 * nothing.
 */
export function memoryPressure({
  pendingBytes,
  maxStoreBytes,
  memory = readMemory,
}: PressureParts): number | undefined {
  const pending = pendingBytes();
  if (pending === 0) return undefined;
  if (pending > MAX_PENDING_BYTES) return RETRY_AFTER_SECONDS;
  const { usedHeapBytes, heapLimitBytes, externalBytes } = memory();
  const isShort =
    usedHeapBytes > heapLimitBytes * MAX_HEAP_SHARE ||
    externalBytes > maxStoreBytes() + EXTERNAL_RESERVE_BYTES;
  return isShort ? RETRY_AFTER_SECONDS : undefined;
}

/** Of this thread alone. */
function readMemory(): MemoryReading {
  const { used_heap_size, heap_size_limit, external_memory } = getHeapStatistics();
  return {
    usedHeapBytes: used_heap_size,
    heapLimitBytes: heap_size_limit,
    externalBytes: external_memory,
  };
}
