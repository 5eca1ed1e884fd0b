/** Asks the debug adapter of one session: a request of the Debug Adapter Protocol and its reply's body. Rejects where the adapter refuses. */
export interface Debuggee {
  request(command: string, args: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** Where a thread stands. */
export interface StoppedFrame {
  readonly threadId: number;
  readonly frameId: number;
  /** The ids of the frames that it was called from, innermost first, as far as they are known. */
  readonly callers: readonly number[];
}

/** Results are whole for the clipboard, where an adapter knows of it; in others they may be cut for showing. */
export const WHOLE_RESULT = ["clipboard", "watch"] as const;

/**
 * Reads an `evaluate` reply's `result`, in a frame or, without one, in the program as a whole; undefined where the adapter refused in all these contexts. Delve lets VS Code tell
 * the person of expressions that fail in any other context than `watch`.
 */
export async function evaluateText(
  debuggee: Debuggee,
  frameId: number | undefined,
  expression: string,
  contexts: readonly string[] = ["watch"],
): Promise<string | undefined> {
  for (const context of contexts) {
    try {
      const frame = frameId === undefined ? {} : { frameId };
      const body = await debuggee.request("evaluate", { expression, ...frame, context });
      return textField(body, "result");
    } catch {
      // Not every adapter knows every context, and not every expression leads anywhere.
    }
  }
  return undefined;
}

/** A field of a reply, where it is text. */
export function textField(body: unknown, name: string): string | undefined {
  const value = field(body, name);
  return typeof value === "string" ? value : undefined;
}

export function numberField(body: unknown, name: string): number | undefined {
  const value = field(body, name);
  return typeof value === "number" ? value : undefined;
}

/** A field of a reply that is a list; empty where it is none. */
export function listField(body: unknown, name: string): readonly unknown[] {
  const value = field(body, name);
  return Array.isArray(value) ? value : [];
}

function field(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
}
