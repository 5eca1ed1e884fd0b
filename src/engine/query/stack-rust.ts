import {
  framesOf,
  frameOf,
  readPlace,
  type StackFrame,
  type StackLine,
  type StackReader,
} from "./stack-text.ts";

/**
 * The frames of Rust's backtraces, of panics (`thread 'main' panicked at src/cart.rs:12:5:`) and of `std::backtrace`:
 * a number with a function, and on the next line `at ./src/cart.rs:12:5`. The panic's own place comes first, as does that of an
 * error of eyre's, on a line of its own under `Location:`.
 */
export const readRustStack: StackReader = (lines) => {
  let called: string | undefined;
  let isLocation = false;
  return framesOf(lines, (line) => {
    const frame =
      readPlaceOf(line, isLocation ? LOCATION : PANIC) ??
      (called === undefined ? undefined : readFrame(line, called));
    isLocation = line.text.trim() === "Location:";
    called = /^\s*\d+: +(?:0x[\da-f]+ - )?(.+)$/.exec(line.text)?.[1];
    return frame;
  });
};

const PANIC = /panicked at (?:.*', )?([^':]+(?::[^':]+)??:\d{1,9}:\d{1,9}):?$/;
const LOCATION = /^\s*(\S[^:]*\.rs:\d{1,9}:\d{1,9})\s*$/;

function readPlaceOf(line: StackLine, pattern: RegExp): StackFrame | undefined {
  const printed = pattern.exec(line.text)?.[1];
  const place = printed === undefined ? undefined : readPlace(printed);
  if (printed === undefined || place === undefined) return undefined;
  return frameOf(line, printed, { ...place, isLibrary: LIBRARY.test(place.path) });
}

function readFrame(line: StackLine, called: string): StackFrame | undefined {
  const text = line.text.trim();
  if (!text.startsWith("at ")) return undefined;
  const printed = text.slice(3);
  const place = readPlace(printed);
  if (place === undefined) return undefined;
  return frameOf(line, printed, {
    ...place,
    // Old symbol names end with a hash.
    functionName: called.replace(/::h[\da-f]{16}$/, ""),
    isLibrary: LIBRARY.test(place.path),
  });
}

/** The standard library under its names in a release, rustup's sources, and crates. */
const LIBRARY =
  /[\\/]rustc[\\/]|[\\/]rustlib[\\/]|[\\/]\.?rustup[\\/]|[\\/]?\.?cargo[\\/](?:registry|git)[\\/]|^library[\\/](?:std|core|alloc|proc_macro|test)[\\/]|[\\/]library[\\/](?:std|core|alloc)[\\/]src[\\/]|^\/build\/rustc-/;
