import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { folderOf, joined, slashPath } from "./slash-path.ts";

/** A place in a file of this machine; line and column from 1. */
export interface Position {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** A place in a source that a map names. */
export interface OriginalPosition extends Position {
  /** The source as the map has it, which may be no path of this machine: `webpack://shop/./src/a.ts`. */
  readonly source: string;
}

/** Reads a file's text; undefined where there is none, or it is too large to be a source. */
export type ReadText = (path: string) => Promise<string | undefined>;

const COMMENT = /^[ \t]*\/\/[#@][ \t]*sourceMappingURL=(\S+)[ \t]*$/gm;
const INLINE = /^data:application\/json[^,]*?(;base64)?,/;

/**
 * The place that a place in compiled JavaScript was made from, through the source map that the file names (Source Map
 * specification, ECMA-426): inline, or a file beside it. Undefined where it names none, or one that cannot be read.
 */
export async function originalPosition(
  generated: Position,
  readText: ReadText,
): Promise<OriginalPosition | undefined> {
  const text = await readText(generated.path);
  const url = text === undefined ? undefined : [...text.matchAll(COMMENT)].at(-1)?.[1];
  if (url === undefined) return undefined;
  const json = await readMap(url, generated.path, readText);
  if (json === undefined) return undefined;
  try {
    const map = new TraceMap(json);
    const found = originalPositionFor(map, { line: generated.line, column: generated.column - 1 });
    if (found.source === null) return undefined;
    const path = sourcePath(found.source, generated.path);
    return { source: found.source, path, line: found.line, column: found.column + 1 };
  } catch {
    return undefined;
  }
}

async function readMap(url: string, generatedPath: string, readText: ReadText): Promise<string | undefined> {
  const inline = INLINE.exec(url);
  if (inline !== null) {
    const data = url.slice(inline[0].length);
    return inline[1] === undefined ? safeDecode(data) : Buffer.from(data, "base64").toString("utf8");
  }
  // Only a file beside the program's own: a map is never fetched.
  if (/^[A-Za-z][\w+.-]+:/.test(url) || url.startsWith("//")) return undefined;
  return readText(joined(folderOf(generatedPath), safeDecode(url)));
}

function sourcePath(source: string, generatedPath: string): string {
  const path = source.startsWith("file://")
    ? safeDecode(source.replace(/^file:\/\/(?:localhost)?/, ""))
    : source;
  return joined(folderOf(generatedPath), slashPath(path));
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
