import { isUserFile, toFilePath } from "./user-file.ts";

/** A place in the code that V8 runs, before source maps; line and column count from 1. */
export interface GeneratedPosition {
  /** Set when the position was found in the text that the person edits, so that no source map applies. */
  readonly original?: boolean;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly functionName: string | undefined;
}

/** A stack that was recorded and not looked at yet: recording costs some microseconds, reading it much more. */
export interface CapturedStack {
  readonly stack?: unknown;
  readonly depth: StackDepth | undefined;
}

/** Enough for a driver's own frames between the person's call and the span; async frames count too. */
const usualDepth = 24;
/** Stacks that are read before their depth is trusted, and frames that are recorded beyond it. */
const lessons = 32;
const slack = 2;

/**
 * How many frames are worth recording where the same library starts its spans: the deeper, the dearer. Learned from where the
 * person's frame was found, and forgotten when it is not found any more.
 */
export class StackDepth {
  limit = usualDepth;
  #deepest = 0;
  #seen = 0;

  /** @param index of the person's frame, or -1 when none of `recorded` frames is the person's */
  learn(index: number, recorded: number): void {
    if (index < 0) {
      if (recorded < this.limit) return;
      this.limit = usualDepth;
      this.#seen = 0;
      this.#deepest = 0;
      return;
    }
    this.#deepest = Math.max(this.#deepest, index);
    this.#seen++;
    if (this.#seen >= lessons) this.limit = Math.min(usualDepth, this.#deepest + 1 + slack);
  }
}

/** Records the stack above `below`, the agent's own function that was called. */
export function captureStack(below: (...args: never[]) => unknown, depth?: StackDepth): CapturedStack {
  const limit = Error.stackTraceLimit;
  const captured: CapturedStack = { depth };
  try {
    Error.stackTraceLimit = depth?.limit ?? usualDepth;
    Error.captureStackTrace(captured, below);
  } finally {
    Error.stackTraceLimit = limit;
  }
  return captured;
}

/**
 * The first frame of the person's own code: outside node_modules, Node's internals and this agent. Positions are V8's;
 * a program's own Error.prepareStackTrace is put aside while they are read.
 */
export function firstUserFrame(captured: CapturedStack): GeneratedPosition | undefined {
  return pickFrame(captured, (frame) => {
    const name = frame.getFileName();
    if (typeof name !== "string" || !isUserFile(name)) return undefined;
    return positionOf(frame, name);
  });
}

function pickFrame<T>(
  captured: CapturedStack,
  pick: (frame: NodeJS.CallSite) => T | undefined,
): T | undefined {
  let found: T | undefined;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is only put back
  const programs = Error.prepareStackTrace;
  try {
    Error.prepareStackTrace = (_error, frames) => {
      const index = frames.findIndex((frame) => {
        found = pick(frame);
        return found !== undefined;
      });
      captured.depth?.learn(index, frames.length);
      return "";
    };
    // Reading the property is what makes V8 call the function above.
    Reflect.get(captured, "stack");
  } catch {
    return undefined;
  } finally {
    Error.prepareStackTrace = programs;
  }
  return found;
}

/** Line and column of a program's calls are few and asked for again and again; the same object is given for the same place. */
const positions = new Map<string, Map<number, GeneratedPosition>>();
const maxFiles = 2_000;
/** Above every column that matters. */
const columnRange = 2 ** 20;

function positionOf(frame: NodeJS.CallSite, scriptName: string): GeneratedPosition | undefined {
  const line = frame.getLineNumber();
  if (line === null) return undefined;
  const column = frame.getColumnNumber() ?? 1;
  const place = line * columnRange + column;
  let inFile = positions.get(scriptName);
  const known = inFile?.get(place);
  if (known !== undefined) return known;
  if (inFile === undefined) {
    // Names can be made up without end, by query strings of loaders.
    if (positions.size >= maxFiles) positions.clear();
    positions.set(scriptName, (inFile = new Map<number, GeneratedPosition>()));
  }
  const position = { file: toFilePath(scriptName), line, column, functionName: functionNameOf(frame) };
  inFile.set(place, position);
  return position;
}

function functionNameOf(frame: NodeJS.CallSite): string | undefined {
  const name = frame.getFunctionName();
  if (name === null || name === "") return undefined;
  const type = frame.isToplevel() || frame.isConstructor() ? null : frame.getTypeName();
  if (type === null || type === "" || type === "Object" || type === "Function" || name.includes("."))
    return name;
  return `${type}.${name}`;
}
