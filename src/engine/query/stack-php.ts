import { framesOf, frameOf, type StackFrame, type StackLine, type StackReader } from "./stack-text.ts";

/**
 * The frames of PHP's own form (`Exception::getTraceAsString`, `__toString`): `#0 /srv/cart.php(12): App\Cart->add(1)`,
 * and the place of the throw, which is no frame there: `Exception: no price in /srv/cart.php:12`. Of a chain, the
 * previous exceptions are printed first. The form of OpenTelemetry's SDK for PHP is Java's (stack-java.ts).
 */
export const readPhpStack: StackReader = (lines) => {
  if (!lines.some(({ text }) => NUMBERED.test(text))) return [];
  const blocks: StackLine[][] = [[]];
  for (const line of lines) {
    if (line.text.startsWith("Next ")) blocks.push([]);
    blocks.at(-1)?.push(line);
  }
  return blocks.reverse().flatMap((block) => framesOf(block, readFrame));
};

const NUMBERED = /^\s*#\d+ (?:\S.*\(\d+\): |\[internal function\]|\{main\})/;
const FRAME = /^\s*#\d+ ((.+?)\((\d{1,9})\)): (.*)$/;
const THROWN = / in ((\S.*\.\w{1,10})(?::| on line )(\d{1,9}))$/;

function readFrame(line: StackLine): StackFrame | undefined {
  const match = FRAME.exec(line.text);
  const [, printed, path] = match ?? THROWN.exec(line.text) ?? [];
  const number = match?.[3] ?? THROWN.exec(line.text)?.[3];
  if (printed === undefined || path === undefined || path === "[internal function]") return undefined;
  if (match === null && line.text.startsWith("  thrown in ")) return undefined;
  return frameOf(line, printed, {
    path: path.replace(/\(\d+\) : (?:eval\(\)'d code|runtime-created function)$/, ""),
    line: Number(number),
    functionName: calledIn(match?.[4]),
    isLibrary: LIBRARY.test(path),
  });
}

function calledIn(call: string | undefined): string | undefined {
  if (call === undefined) return undefined;
  const open = call.indexOf("(");
  return open < 0 ? call : call.slice(0, open);
}

const LIBRARY = /[\\/]vendor[\\/]|^phar:|[\\/]share[\\/]php[\\/]|[\\/]wp-includes[\\/]/;
