/** One frame of a stack. */
export interface StackFrame {
  /** Path or URL as it stands in the text. */
  readonly path: string;
  readonly line: number;
  readonly column?: number;
  readonly functionName?: string;
  /** Whether it is the person's own code rather than the runtime's or a package's. */
  readonly own: boolean;
}

/**
 * The frames of a stack as V8 prints it (v8.dev/docs/stack-trace-api): `at f (file:///a.ts:1:2)`, `at async /a.js:1:2`,
 * `at new A (C:\a.js:1:2)`. Lines of another form, `<anonymous>` and `native` places are left out.
 */
export function readNodeStack(stack: string): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const line of stack.slice(0, MAX_STACK_LENGTH).split("\n")) {
    const frame = readFrame(line.trim());
    if (frame !== undefined) frames.push(frame);
    if (frames.length === MAX_FRAMES) break;
  }
  return frames;
}

/** Node prints 10 frames unless told otherwise; these limits only keep hostile text cheap. */
const MAX_STACK_LENGTH = 256 * 1024;
const MAX_FRAMES = 200;
const MAX_LINE_LENGTH = 4096;

const POSITION = /^(.+?):(\d{1,9}):(\d{1,9})$/;

function readFrame(line: string): StackFrame | undefined {
  if (!line.startsWith("at ") || line.length > MAX_LINE_LENGTH) return undefined;
  // An eval's place lies inside of the evaluated text: `at g (eval at f (/a.js:1:2), <anonymous>:1:1)`.
  if (line.includes("eval at ")) return undefined;
  const open = line.endsWith(")") ? line.lastIndexOf(" (") : -1;
  const called = open < 0 ? "" : line.slice(3, open);
  const place = open < 0 ? line.slice(3).replace(/^async /, "") : line.slice(open + 2, -1);
  const match = POSITION.exec(place);
  const path = match?.[1];
  if (match === null || path === undefined || path.startsWith("<anonymous>")) return undefined;
  const functionName = called.replace(/^async /, "").replace(/ \[as [^\]]*\]$/, "");
  return {
    path,
    line: Number(match[2]),
    column: Number(match[3]),
    ...(functionName !== "" && functionName !== "<anonymous>" && { functionName }),
    own: isOwn(path),
  };
}

function isOwn(path: string): boolean {
  if (path.startsWith("node:") || path.startsWith("internal/")) return false;
  return !/(^|[\\/])node_modules[\\/]/.test(path);
}
