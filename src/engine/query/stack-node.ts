import {
  framesOf,
  frameOf,
  readPlace,
  type StackFrame,
  type StackLine,
  type StackReader,
} from "./stack-text.ts";
import { isJavaScriptLibrary } from "./stack-javascript.ts";

/**
 * The frames of a stack as V8 prints it (v8.dev/docs/stack-trace-api), in Node, Deno, Bun, Chrome and its kin:
 * `at f (file:///a.ts:1:2)`, `at async /a.js:1:2`, `at new A (C:\a.js:1:2)`. Lines of another form, `<anonymous>` and
 * `native` places are left out. Of a file that Node cannot compile the place is in no frame, but above the message.
 */
export const readNodeStack: StackReader = (lines) => {
  const frames = framesOf(lines, readFrame);
  const uncompiled = readUncompiled(lines);
  return uncompiled === undefined ? frames : [uncompiled, ...frames];
};

/**
 * `/srv/cart.js:3`, the line with carets below it, `SyntaxError: …`, and then frames of Node's loader. Where the frames
 * begin elsewhere (`JSON.parse`), they know better: the line above is only that of the last throw.
 */
function readUncompiled(lines: readonly StackLine[]): StackFrame | undefined {
  const [first] = lines;
  const place = first && readPlace(first.text);
  if (first === undefined || place === undefined || place.column !== undefined) return undefined;
  const called = lines.findIndex(({ text }) => text.startsWith("    at "));
  if (!lines[called]?.text.includes(" (node:")) return undefined;
  if (!lines.slice(1, called).some(({ text }) => text.startsWith("SyntaxError: "))) return undefined;
  return frameOf(first, first.text, { ...place, isLibrary: isJavaScriptLibrary(place.path) });
}

function readFrame(line: StackLine): StackFrame | undefined {
  // `util.inspect` opens an object behind the last frame of an error that has a cause.
  const text = line.text.trim().replace(/ \{$/, "");
  if (!text.startsWith("at ")) return undefined;
  // An eval's place lies inside of the evaluated text: `at g (eval at f (/a.js:1:2), <anonymous>:1:1)`.
  if (text.includes("eval at ")) return undefined;
  const open = text.endsWith(")") ? text.indexOf(" (") : -1;
  const called = open < 0 ? "" : text.slice(3, open);
  const printed = open < 0 ? text.slice(3).replace(/^async /, "") : innermost(text, open);
  const place = readPlace(printed);
  if (place?.column === undefined || place.path.startsWith("<anonymous>")) return undefined;
  const functionName = called.replace(/^async /, "").replace(/ \[as [^\]]*\]$/, "");
  return frameOf(line, printed, {
    ...place,
    functionName: functionName === "<anonymous>" ? undefined : functionName,
    isLibrary: isJavaScriptLibrary(place.path),
  });
}

/** The place within the parentheses: paths may have some of their own, as those of Next's route groups do. */
function innermost(text: string, open: number): string {
  const place = text.slice(open + 2, -1);
  // `at Object.f [as g (h)] (/a.js:1:2)`: a name with parentheses.
  const nested = place.lastIndexOf("] (");
  return nested < 0 ? place.replace(/^address at /, "") : place.slice(nested + 3);
}
