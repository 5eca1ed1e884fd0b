import type { FoundSpan } from "../../model/span-stack.ts";
import type { Debuggee, StoppedFrame } from "./debuggee.ts";
import { findDotnetSpan } from "./dotnet-span.ts";
import { findGoSpan } from "./go-span.ts";
import { findJavaSpan } from "./java-span.ts";
import { findNodeSpan } from "./node-span.ts";
import { findPythonSpan } from "./python-span.ts";

type Finder = (debuggee: Debuggee, frame: StoppedFrame) => Promise<readonly FoundSpan[]>;

/** By debug type, as the configuration or its child sessions name it. */
const FINDERS: Readonly<Record<string, Finder>> = {
  node: findNodeSpan,
  "pwa-node": findNodeSpan,
  "node-terminal": findNodeSpan,
  "pwa-extensionHost": findNodeSpan,
  debugpy: findPythonSpan,
  python: findPythonSpan,
  go: findGoSpan,
  java: findJavaSpan,
  coreclr: findDotnetSpan,
};

/** Whether a way is known for this debug type. */
export function canFindActiveSpan(type: string): boolean {
  return FINDERS[type] !== undefined;
}

/**
 * The span that a stopped thread is in, as the program itself tells it through its debug adapter, followed by what else of
 * its trace is unfinished in that process, as far as it is found. Empty where there is none, or no way is known for this
 * type. Never rejects.
 * @param stop from when on nothing more is asked; what was asked before may still be answered
 */
export async function findActiveSpan(
  type: string,
  debuggee: Debuggee,
  frame: StoppedFrame,
  stop: AbortSignal,
): Promise<readonly FoundSpan[]> {
  const find = FINDERS[type];
  if (find === undefined || stop.aborted) return [];
  return find(boundedBy(stop, debuggee), frame).catch(() => []);
}

/** The same at a stop, while its call stack is not known yet: for programs that can be asked without a frame. */
export async function findWithoutFrame(
  type: string,
  debuggee: Debuggee,
  stop: AbortSignal,
): Promise<readonly FoundSpan[]> {
  if (FINDERS[type] !== findNodeSpan || stop.aborted) return [];
  return findNodeSpan(boundedBy(stop, debuggee), {}).catch(() => []);
}

function boundedBy(stop: AbortSignal, debuggee: Debuggee): Debuggee {
  return {
    request: (command, args) =>
      stop.aborted ? Promise.reject(new Error("too late")) : debuggee.request(command, args),
  };
}
