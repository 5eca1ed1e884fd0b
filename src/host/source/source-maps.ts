import { LEAST_UPPER_BOUND, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { folderOf, joined, slashPath } from "./slash-path.ts";

/** A place in a file of this machine; line and column from 1. */
interface Position {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** The column may be unknown. */
interface GeneratedPosition extends Omit<Position, "column"> {
  readonly column: number | undefined;
}

interface CompiledFile {
  readonly lines: readonly string[];
  readonly map: TraceMap;
}

/** A place in a source that a map names. */
interface OriginalPosition extends Position {
  /** The source as the map has it, which may be no path of this machine: `webpack://shop/./src/a.ts`. */
  readonly source: string;
}

/** Reads a file's text; undefined where there is none, or it is too large to be a source. */
export type ReadText = (path: string) => Promise<string | undefined>;

const COMMENT = /^[ \t]*\/\/[#@][ \t]*sourceMappingURL=(\S+)[ \t]*$/gm;
const INLINE = /^data:application\/json[^,]*?(;base64)?,/;

/** A longer line was written by a minifier: without a column it tells nothing. */
const MAX_LINE_LENGTH = 500;
/** Maps that are kept: of the files of a bundled program. */
const MAX_MAPS = 32;

/** The source maps that compiled JavaScript names (Source Map specification, ECMA-426): inline, or in a file beside it. */
export class SourceMaps {
  readonly #readText: ReadText;
  readonly #maps = new Map<string, Promise<CompiledFile | undefined>>();

  constructor(readText: ReadText) {
    this.#readText = readText;
  }

  /** Files have changed. */
  forget(): void {
    this.#maps.clear();
  }

  /**
   * The place that a place in compiled code was made from; without a column, that of the line's beginning. Undefined
   * where the file names no map, or one that cannot be read.
   */
  async originalPosition({ path, line, column }: GeneratedPosition): Promise<OriginalPosition | undefined> {
    const file = await this.#fileOf(path);
    if (file === undefined) return undefined;
    if (column === undefined && (file.lines[line - 1]?.length ?? 0) > MAX_LINE_LENGTH) return undefined;
    try {
      const at = { line, column: (column ?? 1) - 1 };
      const before = originalPositionFor(file.map, at);
      const found =
        before.source === null && column === undefined
          ? originalPositionFor(file.map, { ...at, bias: LEAST_UPPER_BOUND })
          : before;
      if (found.source === null) return undefined;
      const source = { source: found.source, path: sourcePath(found.source, path) };
      return { ...source, line: found.line, column: found.column + 1 };
    } catch {
      return undefined;
    }
  }

  /** The sources that a compiled file was made from, as its map names them. */
  async sources(path: string): Promise<readonly string[]> {
    const file = await this.#fileOf(path);
    return (file?.map.sources ?? []).filter((source) => source !== null);
  }

  #fileOf(path: string): Promise<CompiledFile | undefined> {
    const known = this.#maps.get(path);
    if (known !== undefined) return known;
    if (this.#maps.size >= MAX_MAPS) this.#maps.clear();
    const file = this.#read(path);
    this.#maps.set(path, file);
    return file;
  }

  async #read(path: string): Promise<CompiledFile | undefined> {
    const text = await this.#readText(path);
    const url = text === undefined ? undefined : [...text.matchAll(COMMENT)].at(-1)?.[1];
    if (text === undefined || url === undefined) return undefined;
    const json = await readMap(url, path, this.#readText);
    try {
      return json === undefined ? undefined : { lines: text.split("\n"), map: new TraceMap(json) };
    } catch {
      return undefined;
    }
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
