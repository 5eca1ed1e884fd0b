import { frameOf, readPlace, type StackFrame, type StackLine, type StackReader } from "./stack-text.ts";

/**
 * The frames of Go's goroutine dumps (`runtime/debug.Stack`, an unrecovered panic) and of `%+v` of github.com/pkg/errors:
 * a function's line, then `\t/srv/cart.go:12 +0x1d`. What a recorder put on top is the library's; where the goroutine
 * panicked, the frames below the panic come before the deferred ones above it.
 */
export const readGoStack: StackReader = (lines) => {
  const goroutines: StackFrame[][] = [[]];
  let panicked = -1;
  let called = "";
  for (const line of lines) {
    if (/^goroutine \d+ .*\[/.test(line.text)) {
      reorder(goroutines.at(-1), panicked);
      goroutines.push([]);
      panicked = -1;
    }
    const frame = readFrame(line, called);
    if (frame !== undefined) goroutines.at(-1)?.push(frame);
    else if (/^(?:panic\(|runtime\.gopanic\()/.test(line.text)) panicked = goroutines.at(-1)?.length ?? -1;
    called = line.text;
  }
  reorder(goroutines.at(-1), panicked);
  return goroutines.flat();
};

function reorder(frames: StackFrame[] | undefined, panicked: number): void {
  if (frames !== undefined && panicked > 0) frames.push(...frames.splice(0, panicked));
}

/** Behind a place; what the runtime itself cannot go on from (a stack overflow, a fault) is printed with its registers. */
const OFFSET = / \+0x[\da-f]+(?: fp=0x[\da-f]+ sp=0x[\da-f]+ pc=0x[\da-f]+)?$/;

function readFrame(line: StackLine, called: string): StackFrame | undefined {
  const { text } = line;
  if (!text.startsWith("\t") && !text.startsWith("    ")) return undefined;
  const printed = text.replace(OFFSET, "").trim();
  const place = readPlace(printed);
  if (place === undefined || place.column !== undefined || !/\.(?:go|s|cgo1\.go)$/.test(place.path))
    return undefined;
  const functionName = functionOf(called);
  return frameOf(line, printed, {
    ...place,
    functionName,
    isLibrary: isLibrary(place.path, functionName),
  });
}

/** `main.(*Cart).Add(0xc0001, {0x1, 0x2})`, `created by main.main in goroutine 1`, and, of pkg/errors, `main.add`. */
function functionOf(line: string): string {
  const name = line
    .trim()
    .replace(/^created by /, "")
    .replace(/ in goroutine \d+$/, "");
  return name.endsWith(")") ? name.slice(0, argumentsAt(name)) : name;
}

/** Where the arguments begin: at the parenthesis that the last one closes. Receivers have parentheses too. */
function argumentsAt(name: string): number {
  let depth = 0;
  for (let at = name.length - 1; at >= 0; at--) {
    if (name[at] === ")") depth++;
    else if (name[at] === "(" && --depth === 0) return at;
  }
  return name.length;
}

/** Modules, and what a module vendors. */
const INSTALLED =
  /[\\/]pkg[\\/]mod[\\/]|(?:[\\/]|^)vendor[\\/]|@v\d+\.\d+\.\d+|^_cgo_gotypes\.go$|[\\/]go-build[\\/]/i;
/** The toolchain's sources where they are usually installed: `/usr/local/go/src/net`, `/sdk/go1.22.1/src/net`, `/go/1.22.1/x64/src/net`. */
const TOOLCHAIN = /[\\/](?:go|go-?\d[\d.]*|libexec|x64)[\\/]src[\\/](\w+)/i;
const STANDARD_PACKAGES =
  "archive bufio bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv strings structs sync syscall testing text time unicode unique unsafe weak";
const STANDARD: ReadonlySet<string> = new Set(STANDARD_PACKAGES.split(" "));

function isLibrary(path: string, functionName: string): boolean {
  if (INSTALLED.test(path) || STANDARD.has(TOOLCHAIN.exec(path)?.[1] ?? "")) return true;
  if (functionName.startsWith("go.opentelemetry.io/")) return true;
  // Built with -trimpath, or with the sources in a place of their own: the package tells.
  const folder = path.split(/[\\/]/, 1)[0] ?? "";
  const packageRoot = functionName.split(/[./(]/, 1)[0] ?? "";
  return folder !== "" && STANDARD.has(folder) && (packageRoot === folder || functionName === "");
}
