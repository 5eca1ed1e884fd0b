import type { SpanId, TraceId } from "../../model/ids.ts";
import type { FoundSpan } from "../../model/span-stack.ts";
import { isRecord } from "../../protocol/guard.ts";
import { listField, numberField, textField, type Debuggee } from "../active-span/debuggee.ts";
import { findActiveSpan } from "../active-span/find-active-span.ts";

/** A thread that may be the one that a span hangs in, and where in the person's code it is. */
export interface HangingThread {
  readonly threadId: number;
  readonly path: string;
  readonly line: number;
  /** The thread's active span, and others of its trace; empty where the program could not be asked. */
  readonly spans: readonly FoundSpan[];
}

/** More threads than this are a pool at rest. */
const MAX_THREADS = 100;
/** Of a running program: debugpy takes half a second for each. */
const MAX_RUNNING_THREADS = 8;
const MAX_FRAMES = 50;

interface OwnFrame {
  readonly threadId: number;
  readonly frameId: number;
  readonly callers: readonly number[];
  readonly path: string;
  readonly line: number;
  readonly isMain: boolean;
}

/**
 * The thread of a stopped program that is in a span: adapters that stop all of them do not say which one is of interest.
 * Undefined where none is found to be in it.
 */
export async function findHangingThread(
  type: string,
  debuggee: Debuggee,
  { traceId, spanId }: { readonly traceId: TraceId; readonly spanId: SpanId },
  isOwnFile: (path: string) => boolean,
): Promise<HangingThread | undefined> {
  const frames = await ownFrames(debuggee, isOwnFile, MAX_THREADS);
  const likelyFirst = [frames.filter(({ isMain }) => !isMain), frames.filter(({ isMain }) => isMain)];
  for (const group of likelyFirst) {
    // All at once: the way through VS Code is longer than the adapter's work.
    const asked = group.map(async ({ threadId, frameId, callers, path, line }): Promise<HangingThread> => {
      const stop = AbortSignal.timeout(ASK_MS);
      return {
        threadId,
        path,
        line,
        spans: await findActiveSpan(type, debuggee, { threadId, frameId, callers }, stop),
      };
    });
    const threads = await Promise.all(asked);
    const isIt = (span: FoundSpan): boolean => span.spanId === spanId && span.traceId === traceId;
    const found =
      threads.find(({ spans }) => spans[0] !== undefined && isIt(spans[0])) ??
      // The span's own thread has a span within it, or it is nobody's active one.
      threads.find(({ spans }) => spans.some(isIt));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** For all threads together; one of Go takes dozens of requests. */
const ASK_MS = 5000;

/**
 * Where a program waits that did not stop when it was asked to, for adapters that show the stacks of running threads; if
 * there is only one such place.
 */
export async function findWaitingPlace(
  debuggee: Debuggee,
  isOwnFile: (path: string) => boolean,
): Promise<Pick<HangingThread, "path" | "line"> | undefined> {
  const frames = await ownFrames(debuggee, isOwnFile, MAX_RUNNING_THREADS);
  const handlers = frames.filter(({ isMain }) => !isMain);
  const [only, other] = handlers.length === 0 ? frames : handlers;
  return other === undefined ? only : undefined;
}

/** The innermost frame of the person's in each thread that has one. */
async function ownFrames(
  debuggee: Debuggee,
  isOwnFile: (path: string) => boolean,
  limit: number,
): Promise<readonly OwnFrame[]> {
  const threads = listField(await debuggee.request("threads", {}), "threads").slice(0, limit);
  const found = threads.map(async (thread): Promise<readonly OwnFrame[]> => {
    const threadId = numberField(thread, "id");
    if (threadId === undefined) return [];
    const reply = await debuggee
      .request("stackTrace", { threadId, startFrame: 0, levels: MAX_FRAMES })
      .catch(() => undefined);
    const frames = listField(reply, "stackFrames");
    const at = frames.findIndex((frame) => isOwnFile(pathOf(frame) ?? ""));
    const own = frames[at];
    const callers = frames.slice(at + 1).flatMap((frame) => numberField(frame, "id") ?? []);
    const frameId = numberField(own, "id");
    const path = pathOf(own);
    if (frameId === undefined || path === undefined) return [];
    const isMain = MAIN_FUNCTIONS.has(textField(own, "name"));
    return [{ threadId, frameId, callers, path, line: numberField(own, "line") ?? 1, isMain }];
  });
  return (await Promise.all(found)).flat();
}

/** Those that started the server: Python's statements of a module, and Go's. */
const MAIN_FUNCTIONS: ReadonlySet<unknown> = new Set(["<module>", "main.main"]);

function pathOf(frame: unknown): string | undefined {
  return isRecord(frame) ? textField(frame["source"], "path") : undefined;
}
