import type { SpanStack } from "../../model/span-stack.ts";
import type { SessionId } from "../../model/ids.ts";

/** Where the selected frame of a paused program stands in its traces. */
export interface ActiveSpan {
  readonly sessionId: SessionId;
  /** The active span first, then its ancestors. */
  readonly stack: SpanStack;
  /** The program could not be asked: an unfinished span of the code around the frame was taken. */
  readonly guess: boolean;
}

/**
 * Why no span is shown for a stopped thread: it is in none; the program did not answer in time; or nobody knows how to
 * ask a program of this debug type.
 */
export type ActiveSpanLack = "no span" | "no answer" | "no way";
