import {
  framesOf,
  frameOf,
  readPlace,
  type StackFrame,
  type StackLine,
  type StackReader,
} from "./stack-text.ts";

/**
 * The frames of Dart's virtual machine, `#0      Cart.add (package:shop/cart.dart:12:5)`, and of package:stack_trace,
 * `package:shop/cart.dart 12:5  Cart.add`.
 */
export const readDartStack: StackReader = (lines) =>
  framesOf(lines, (line) => readNative(line) ?? readTerse(line));

const NATIVE = /^\s*#\d+\s+(\S.*?) \(([^()]*\.dart(?::\d{1,9}){0,2})\)$/;
const TERSE = /^\s*((\S.*\.dart) (\d{1,9})(?::(\d{1,9}))?) +(\S.*)$/;

function readNative(line: StackLine): StackFrame | undefined {
  const [, functionName, printed] = NATIVE.exec(line.text) ?? [];
  if (printed === undefined) return undefined;
  const place = readPlace(printed) ?? { path: printed, line: undefined };
  return frameOf(line, printed, { ...place, functionName, isLibrary: isLibrary(place.path) });
}

function readTerse(line: StackLine): StackFrame | undefined {
  const [, printed, path, number, column, functionName] = TERSE.exec(line.text) ?? [];
  if (printed === undefined || path === undefined) return undefined;
  return frameOf(line, printed, {
    path,
    line: Number(number),
    column: column === undefined ? undefined : Number(column),
    functionName,
    isLibrary: isLibrary(path),
  });
}

const PACKAGES =
  "flutter flutter_test flutter_web_plugins sky_engine http shelf shelf_router dio async collection stack_trace test test_api grpc args path meta riverpod flutter_riverpod bloc flutter_bloc provider get go_router opentelemetry matcher isolate stream_channel web_socket_channel";
const LIBRARIES: ReadonlySet<string> = new Set(PACKAGES.split(" "));

function isLibrary(path: string): boolean {
  if (/^(?:dart|org-dartlang-sdk):|^dart-sdk\/|[\\/]\.pub-cache[\\/]|[\\/]pub\.dev[\\/]/.test(path))
    return true;
  const name = /^package:([^/]+)\//.exec(path)?.[1];
  return name !== undefined && LIBRARIES.has(name);
}
