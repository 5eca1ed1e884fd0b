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
