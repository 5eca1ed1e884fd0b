import { isRecord } from "../../protocol/guard.ts";
import { listField, numberField, textField } from "./debuggee.ts";

/** A frame of a stopped thread's call stack, as its adapter has told it. */
export interface StackFrame {
  readonly id: number;
  /** As the adapter names the file; undefined where there is none. */
  readonly path: string | undefined;
  /** From 1. */
  readonly line: number;
  /** Whether VS Code would show it when the thread stops: it has a source, and nothing says that it is of no interest. */
  readonly isShown: boolean;
}

interface StackRequest {
  readonly threadId: number;
  readonly startFrame: number;
}

/** More unanswered requests than this are requests that nobody answers. */
const MAX_PENDING = 100;

/**
 * Knows the call stacks of one debug session from the replies to `stackTrace`, whoever asked, until its threads stop again. The
 * same frame may have several ids: Delve gives it a new one in each reply.
 */
export class StackBook {
  readonly #pending = new Map<number, StackRequest>();
  /** By thread, then by depth. */
  readonly #frames = new Map<number, StackFrame[]>();
  readonly #depths = new Map<number, { readonly threadId: number; readonly depth: number }>();

  /** A thread has stopped, or all have where none is named: ids of its earlier stop may be given again. */
  stopped(threadId: number | undefined): void {
    for (const [seq, request] of this.#pending)
      if (threadId === undefined || request.threadId === threadId) this.#pending.delete(seq);
    for (const [id, place] of this.#depths)
      if (threadId === undefined || place.threadId === threadId) this.#depths.delete(id);
    if (threadId === undefined) this.#frames.clear();
    else this.#frames.delete(threadId);
  }

  /** Takes a message of the client. Called for every message: cheap first. */
  sent(message: unknown): void {
    if (!isRecord(message) || message["command"] !== "stackTrace" || typeof message["seq"] !== "number")
      return;
    const threadId = numberField(message["arguments"], "threadId");
    const startFrame = numberField(message["arguments"], "startFrame") ?? 0;
    if (this.#pending.size >= MAX_PENDING) this.#pending.clear();
    if (threadId !== undefined) this.#pending.set(message["seq"], { threadId, startFrame });
  }

  /** Takes a message of the adapter. Called for every message: cheap first. */
  received(message: unknown): void {
    if (!isRecord(message) || message["type"] !== "response" || message["command"] !== "stackTrace") return;
    const seq = message["request_seq"];
    const asked = typeof seq === "number" ? this.#pending.get(seq) : undefined;
    if (typeof seq !== "number" || asked === undefined) return;
    this.#pending.delete(seq);
    if (message["success"] === true) this.#take(asked, listField(message["body"], "stackFrames"));
  }

  /** How far a frame is from the top of its thread's stack; undefined where nobody has told of it. */
  depthOf(frameId: number): number | undefined {
    return this.#depths.get(frameId)?.depth;
  }

  /** The frame with this id and those that it was called from, as far as they were told of. */
  outwardsFrom(frameId: number): readonly StackFrame[] {
    const place = this.#depths.get(frameId);
    return place === undefined ? [] : (this.#frames.get(place.threadId) ?? []).slice(place.depth);
  }

  /** The frame that VS Code selects at a stop of this thread. */
  shownFrame(threadId: number): StackFrame | undefined {
    const frames = this.#frames.get(threadId) ?? [];
    return frames.find(({ isShown }) => isShown) ?? frames[0];
  }

  #take({ threadId, startFrame }: StackRequest, told: readonly unknown[]): void {
    const known = this.#frames.get(threadId) ?? [];
    this.#frames.set(threadId, known);
    // What lies between is not known: a stack has no holes.
    if (startFrame > known.length) return;
    for (const [n, one] of told.entries()) {
      const frame = frameOf(one);
      if (frame === undefined) return;
      known[startFrame + n] = frame;
      this.#depths.set(frame.id, { threadId, depth: startFrame + n });
    }
  }
}

function frameOf(told: unknown): StackFrame | undefined {
  const id = numberField(told, "id");
  if (id === undefined || !isRecord(told)) return undefined;
  const { source, presentationHint } = told;
  const hints = [presentationHint, isRecord(source) ? source["presentationHint"] : undefined];
  const isOfInterest = !hints.some((hint) => hint === "subtle" || hint === "deemphasize" || hint === "label");
  return {
    id,
    path: textField(source, "path"),
    line: numberField(told, "line") ?? 0,
    isShown: isRecord(source) && isOfInterest,
  };
}
