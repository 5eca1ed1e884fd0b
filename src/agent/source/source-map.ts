import { readFileSync } from "node:fs";
import Module from "node:module";
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

import type { GeneratedPosition } from "./call-site.ts";

/** A place in the file that the person edits; line and column count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly functionName: string | undefined;
}

interface LoadedMap {
  readonly map: TraceMap;
  /** Folder or URL that relative sources are resolved against. */
  readonly folder: string;
}

/** Larger map comments than this are not looked for; the comment is the last line of a file. */
const maxMapBytes = 32 * 1024 * 1024;
const maps = new Map<string, LoadedMap | undefined>();
/** What CommonJS compilers in the process (tsx, ts-node, @babel/register) handed to V8, where it differs from the disk. */
const compiledSources = new Map<string, string>();

/** Remembers what a CommonJS loader compiled `file` to. The string is V8's own, so that keeping it costs nothing. */
export function rememberCompiled(file: string, source: string): void {
  compiledSources.set(file, source);
}

/** The text that V8 runs for `file`, where it can be known. */
export function runningSource(file: string): string | undefined {
  const compiled = compiledSources.get(file);
  if (compiled !== undefined) return compiled;
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Whether an ES module loader compiles `file`, so that its text on disk is not what V8 runs. */
export function isCompiledByLoader(file: string): boolean {
  return !compiledSources.has(file) && Module.findSourceMap(file) !== undefined && !hasMapReference(file);
}

function hasMapReference(file: string): boolean {
  const source = runningSource(file);
  return source !== undefined && mapReference(source) !== undefined;
}

/** CommonJS files of the person that were loaded so far. */
export function loadedUserFiles(): Iterable<string> {
  return compiledSources.keys();
}

/** Follows the file's source map, inline or beside it, to the original; without one the position is its own source. */
export function toSource(position: GeneratedPosition): SourcePosition {
  if (position.original === true) return position;
  const loaded = mapOf(position.file);
  if (loaded === undefined) return position;
  const found = originalPositionFor(loaded.map, { line: position.line, column: position.column - 1 });
  if (found.source === null) return position;
  const file = sourcePath(found.source, loaded.folder);
  if (file === undefined) return position;
  return { file, line: found.line, column: found.column + 1, functionName: position.functionName };
}

function mapOf(file: string): LoadedMap | undefined {
  if (maps.has(file)) return maps.get(file);
  let loaded: LoadedMap | undefined;
  try {
    loaded = loadMap(file);
  } catch {
    // A broken map leaves the position in the file that runs, which is still right.
  }
  maps.set(file, loaded);
  return loaded;
}

function loadMap(file: string): LoadedMap | undefined {
  const source = runningSource(file);
  const reference = source === undefined ? undefined : mapReference(source);
  if (reference !== undefined) {
    const inline = /^data:application\/json[^,]*?(;base64)?,/.exec(reference);
    if (inline !== null) {
      const data = reference.slice(inline[0].length);
      const json =
        inline[1] === undefined ? decodeURIComponent(data) : Buffer.from(data, "base64").toString("utf8");
      return { map: new TraceMap(json), folder: dirname(file) };
    }
    const path = reference.startsWith("file:") ? fileURLToPath(reference) : resolve(dirname(file), reference);
    return { map: new TraceMap(readFileSync(path, "utf8")), folder: dirname(path) };
  }
  // ES module loaders (tsx) leave their maps with Node, when they have switched source maps on.
  const known = Module.findSourceMap(file)?.payload;
  if (known === undefined) return undefined;
  return { map: new TraceMap(JSON.stringify(known)), folder: dirname(file) };
}

function mapReference(source: string): string | undefined {
  if (source.length > maxMapBytes) return undefined;
  const at = source.lastIndexOf("sourceMappingURL=");
  if (at < 0) return undefined;
  const before = source.slice(Math.max(0, at - 4), at);
  if (!/(?:\/\/|\/\*)[#@][ \t]$/.test(before)) return undefined;
  return /^[^\s'"*]+/.exec(source.slice(at + "sourceMappingURL=".length))?.[0];
}

function sourcePath(source: string, folder: string): string | undefined {
  if (source.startsWith("file:")) return fileURLToPath(source);
  // webpack's and others' names stand for files of the project, but only the engine knows where that is.
  if (/^[a-z][a-z0-9+.-]+:/i.test(source) && !isAbsolute(source)) return undefined;
  return resolve(folder, source);
}
