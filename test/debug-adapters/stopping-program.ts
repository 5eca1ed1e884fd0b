import {
  listField,
  numberField,
  type Debuggee,
  type StoppedFrame,
} from "../../src/host/active-span/debuggee.ts";
import type { AdapterConnection } from "./adapter-connection.ts";

/** What the caller of each request says of itself (W3C Trace Context). */
export const CALLER = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const TRACEPARENT = `00-${CALLER.traceId}-${CALLER.spanId}-01`;

/** A program under its real debug adapter, which stops whenever it is asked for something. */
export interface StoppingProgram {
  /** As VS Code names the debug type. */
  readonly type: string;
  readonly debuggee: Debuggee;
  /** Sends a request to the program, and waits until the thread that serves it stands at the breakpoint. */
  readonly stop: () => Promise<Stop>;
  readonly end: () => void;
}

export interface Stop {
  readonly frame: StoppedFrame;
  /** When the adapter told of the stop, milliseconds of `performance.now()`. */
  readonly atMs: number;
  /** Lets the program go on, and waits for its answer. */
  readonly goOn: () => Promise<void>;
}

/** For a program that stops for every request: what makes it stop again. */
export function stoppingAt(debuggee: AdapterConnection, url: string): () => Promise<Stop> {
  return async () => {
    const answer = fetch(url, { headers: { traceparent: TRACEPARENT } }).then((response) => response.text());
    // A program that is ended while it stands there answers nothing.
    answer.catch(() => undefined);
    const { threadId } = await debuggee.event("stopped");
    const atMs = performance.now();
    const stack = await debuggee.request("stackTrace", { threadId, startFrame: 0, levels: 20 });
    const [frameId = -1, ...callers] = listField(stack, "stackFrames").flatMap(
      (each) => numberField(each, "id") ?? [],
    );
    const frame = { threadId: Number(threadId), frameId, callers };
    const goOn = async (): Promise<void> => {
      await debuggee.request("continue", { threadId });
      await answer;
    };
    return { frame, atMs, goOn };
  };
}
