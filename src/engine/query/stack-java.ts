import { isJavaLibrary } from "./stack-java-library.ts";
import { framesOf, frameOf, type StackFrame, type StackLine, type StackReader } from "./stack-text.ts";

/**
 * The frames of Java, Kotlin, Scala and Groovy (`Throwable.printStackTrace`), and of OpenTelemetry's SDK for PHP, which
 * prints the same form: `at com.shop.Cart.add(Cart.java:12)`. Files are bare names there; the path that is told is the
 * package's folders and the name. The exception that was recorded comes before its causes, and these before what was
 * suppressed.
 */
export const readJavaStack: StackReader = (lines) => {
  const main: StackLine[] = [];
  const suppressed: StackLine[] = [];
  let into = main;
  for (const line of lines) {
    // What a suppressed exception suppressed or was caused by is printed deeper than the chain itself.
    if (/^\s+Suppressed: /.test(line.text)) into = suppressed;
    else if (line.text.startsWith("Caused by: ")) into = main;
    into.push(line);
  }
  return [...framesOf(main, readFrame), ...framesOf(suppressed, readFrame)];
};

/** File and line in the parentheses; a class compiled without line numbers has the file alone. */
const PLACE = /^([^():\s/\\]+\.[A-Za-z]\w*)(?::(\d{1,9}))?$/;
/** A frame as it prints itself, without what stands before it in a stack. */
const BARE = /^[\w.$@/]+\.[\w$<>]+\([\w$]+\.[A-Za-z]+:\d{1,9}\)$/;
/** Class loader and module: `app//`, `java.base@17/`, `app/shop.web@1.0/`. */
const MODULE = /^(?:[\w.@-]*\/){1,2}/;

function readFrame(line: StackLine): StackFrame | undefined {
  const text = line.text.trim().replace(BARE, "at $&");
  if (!text.startsWith("at ")) return undefined;
  const open = text.indexOf("(");
  const close = text.indexOf(")", open);
  if (open < 4 || close < 0 || text[open - 1] === " ") return undefined;
  const printed = text.slice(open + 1, close);
  const match = PLACE.exec(printed);
  const file = match?.[1];
  if (match === null || file === undefined) return undefined;
  const module = MODULE.exec(text.slice(3, open))?.[0] ?? "";
  const functionName = text.slice(3 + module.length, open);
  const className = functionName.slice(0, Math.max(0, functionName.lastIndexOf(".")));
  const folders = className.split(".").slice(0, -1);
  return frameOf(line, printed, {
    path: [...folders, file].join("/"),
    line: match[2] === undefined ? undefined : Number(match[2]),
    functionName,
    isLibrary: isJavaLibrary(module, className) || FROM_ARCHIVE.test(text.slice(close)),
  });
}

/** Logback tells the archive that a class came from: `~[spring-web-6.1.jar:6.1]`. */
const FROM_ARCHIVE = /\[[^\]]+\.(?:jar|war)\b/;
