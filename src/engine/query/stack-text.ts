/** One frame of a stack, read from its text. */
export interface StackFrame {
  /** Path, URL or package-relative path as the text has it. */
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
  readonly functionName?: string;
  /** Whether it is code of the runtime or of a package rather than the person's own. */
  readonly isLibrary: boolean;
  /** The line of the text, from 0, and the part of it that names the place. */
  readonly textLine: number;
  readonly start: number;
  readonly end: number;
}

/** One line of a stack; blank ones are kept, since they separate. */
export interface StackLine {
  readonly index: number;
  readonly text: string;
}

/**
 * Reads the frames of one language's form, the likeliest origin of the exception first; empty where the text has another
 * form. Every reader is linear in the text and never throws.
 */
export type StackReader = (lines: readonly StackLine[]) => readonly StackFrame[];

/** Runtimes print a hundred frames at most, or their beginning; Python's and old Ruby's end matters. Both are read. */
const MAX_HALF_LENGTH = 128 * 1024;
/** A line that is longer names no file. It also bounds what one regular expression can cost. */
const MAX_LINE_LENGTH = 4096;
/** More than anybody looks at, in what is printed of a stack overflow. */
const MAX_FRAMES = 200;

/** The lines of a stack; of a very long text those at its beginning and its end. */
export function splitStack(stack: string): readonly StackLine[] {
  if (stack.length <= 2 * MAX_HALF_LENGTH) return linesOf(stack, 0);
  const tailStart = stack.indexOf("\n", stack.length - MAX_HALF_LENGTH);
  const headEnd = Math.max(0, stack.lastIndexOf("\n", MAX_HALF_LENGTH));
  const head = linesOf(stack.slice(0, headEnd), 0);
  return tailStart < 0
    ? head
    : [...head, ...linesOf(stack.slice(tailStart + 1), lineCount(stack, tailStart + 1))];
}

function linesOf(text: string, firstIndex: number): StackLine[] {
  return text.split("\n").map((line, at) => ({
    index: firstIndex + at,
    text: line.length > MAX_LINE_LENGTH ? "" : line.endsWith("\r") ? line.slice(0, -1) : line,
  }));
}

function lineCount(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** The frames of those lines that `readLine` understands, in the order of the text. */
export function framesOf(
  lines: readonly StackLine[],
  readLine: (line: StackLine) => StackFrame | undefined,
): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const line of lines) {
    const frame = line.text === "" ? undefined : readLine(line);
    if (frame !== undefined) frames.push(frame);
    if (frames.length === MAX_FRAMES) break;
  }
  return frames;
}

/** A path with its line and perhaps a column. */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly column?: number;
}

const PLACE = /^(.+?):(\d{1,9})(?::(\d{1,9}))?$/;

/** Reads `path:line` and `path:line:column`. */
export function readPlace(text: string): Place | undefined {
  const match = PLACE.exec(text);
  const path = match?.[1];
  if (match === null || path === undefined) return undefined;
  return {
    path,
    line: Number(match[2]),
    ...(match[3] !== undefined && { column: Number(match[3]) }),
  };
}

/** A frame whose place stands in the line as `printed`. A line number of 0 means that the runtime knew none. */
export function frameOf(
  { index, text }: StackLine,
  printed: string,
  frame: {
    readonly path: string;
    readonly line: number | undefined;
    readonly column?: number | undefined;
    readonly functionName?: string | undefined;
    readonly isLibrary: boolean;
  },
): StackFrame {
  const start = Math.max(0, text.lastIndexOf(printed));
  const { path, line = 0, column = 0, functionName = "", isLibrary } = frame;
  return {
    path,
    ...(line > 0 && { line }),
    ...(column > 0 && { column }),
    ...(functionName !== "" && { functionName }),
    isLibrary,
    textLine: index,
    start,
    end: start + printed.length,
  };
}
