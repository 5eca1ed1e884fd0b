import { isGuess, type LocationEvidence, type SourceLocation } from "../../model/source-location.ts";
import { CodeSearch } from "./code-search.ts";
import { FileFinder, type FoundFiles, type KnownPaths } from "./file-finder.ts";
import { findFunction } from "./find-function.ts";
import { extensionOf, relativeTo } from "./slash-path.ts";
import { SourceMaps } from "./source-maps.ts";
import type { SourceWorld } from "./source-world.ts";

/** Where a location leads. */
export interface FoundSource extends FoundFiles {
  readonly line: number;
  readonly column: number;
}

/** Places that come from what a runtime printed, and so may lie in compiled code. */
const UNMAPPED: ReadonlySet<LocationEvidence> = new Set([
  "code-attributes",
  "exception-frame",
  "stack-frame",
]);
const COMPILED = /\.[cm]?js$/;
/** Places of a session that are kept: far more than a program has. */
const MAX_LOCATED = 20_000;

/**
 * Finds the workspace's file for a location, in the order of trust: the mapped path, the path itself, its longest ending;
 * without a path, the code that its route, name or query is in.
 */
export class SourceLocator {
  readonly #world: SourceWorld;
  readonly #files: FileFinder;
  readonly #search: CodeSearch;
  readonly #maps: SourceMaps;
  /** By session. */
  #located = new WeakMap<KnownPaths, Map<string, Located>>();
  /** Counts changes of texts. */
  #textVersion = 0;

  constructor(world: SourceWorld) {
    this.#world = world;
    this.#files = new FileFinder(world);
    this.#search = new CodeSearch(world);
    this.#maps = new SourceMaps((path) => world.read(path));
  }

  /** A source's text has changed in an editor: what was found without reading texts stays. */
  edited(path: string): void {
    this.#search.changed(path);
    this.#textVersion++;
  }

  /** A source has changed on disk. */
  changed(path: string): void {
    this.edited(path);
    if (!COMPILED.test(path)) return;
    this.#maps.forget();
    this.#located = new WeakMap();
  }

  /** A file has appeared or gone. */
  moved(path: string): void {
    this.#search.moved(path);
    this.#maps.forget();
    this.#located = new WeakMap();
  }

  /** @param known the same object for locations of the same session: what was found is kept by it. */
  locate(location: SourceLocation, known: KnownPaths): Promise<FoundSource | undefined> {
    const located = this.#located.get(known) ?? new Map<string, Located>();
    this.#located.set(known, located);
    const key = keyOf(location);
    const before = located.get(key);
    const textVersion = readsText(location) ? this.#textVersion : undefined;
    if (before !== undefined && before.textVersion === textVersion) return before.found;
    // Made anew when it is full: what is asked for again comes back soon.
    if (located.size >= MAX_LOCATED) located.clear();
    const found = this.#locate(location, known);
    located.set(key, { found, textVersion });
    return found;
  }

  async #locate(location: SourceLocation, known: KnownPaths): Promise<FoundSource | undefined> {
    if (location.lookup !== undefined) return this.#lookUp(location, known);
    const found = await this.#files.find(location, known);
    if (found === undefined) return undefined;
    const place = { line: wholeFrom1(location.line), column: wholeFrom1(location.column) };
    const original = await this.#original(found, location, known);
    if (original !== undefined) return original;
    return { ...found, ...((await this.#functionLine(found, location)) ?? place) };
  }

  /** The sources that the file of a location was compiled from, as its source map names them. */
  async originals(location: SourceLocation, known: KnownPaths): Promise<readonly string[]> {
    if (!COMPILED.test(location.path)) return [];
    const [compiled] = (await this.#files.find(location, known))?.paths ?? [];
    return compiled === undefined ? [] : this.#maps.sources(compiled);
  }

  isInside(path: string): boolean {
    const { folders, foldsCase } = this.#world;
    return folders.some((folder) => relativeTo(folder.path, path, foldsCase) !== undefined);
  }

  async #lookUp(location: SourceLocation, known: KnownPaths): Promise<FoundSource | undefined> {
    if (location.lookup === undefined) return undefined;
    const found = await this.#search.find(location.lookup, this.#files.context(location, known));
    return found === undefined ? undefined : { ...found, isWeak: false };
  }

  async #original(
    { paths, isWeak }: FoundFiles,
    location: SourceLocation,
    known: KnownPaths,
  ): Promise<FoundSource | undefined> {
    const compiled = paths[0];
    if (compiled === undefined || location.line === undefined) return undefined;
    if (!UNMAPPED.has(location.evidence) || !COMPILED.test(compiled)) return undefined;
    const original = await this.#maps.originalPosition({
      path: compiled,
      line: wholeFrom1(location.line),
      column: location.column === undefined ? undefined : wholeFrom1(location.column),
    });
    if (original === undefined) return undefined;
    const { line, column } = original;
    const actual = await this.#world.actual(original.path);
    if (actual !== undefined) return { paths: [actual], line, column, isWeak };
    const found = await this.#files.find({ ...location, path: original.source }, known);
    return found === undefined ? undefined : { ...found, line, column };
  }

  /** Where the function is defined, if the location has no line of its own. */
  async #functionLine(
    { paths }: FoundFiles,
    { line, functionName }: SourceLocation,
  ): Promise<{ readonly line: number; readonly column: number } | undefined> {
    const [path] = paths;
    if (line !== undefined || functionName === undefined || path === undefined) return undefined;
    const name = /([\w$]+[?!]?)(?:\/\d+|\(.*\))?$/.exec(functionName.slice(-500))?.[1];
    const text = name === undefined ? undefined : await this.#world.read(path);
    if (name === undefined || text === undefined) return undefined;
    return findFunction(text, extensionOf(path), name);
  }
}

interface Located {
  readonly found: Promise<FoundSource | undefined>;
  /** Which texts it is of; undefined where none were read. */
  readonly textVersion: number | undefined;
}

/** Whether it takes more than the names of files to find a location. */
function readsText({ lookup, line }: SourceLocation): boolean {
  return lookup !== undefined || line === undefined;
}

/** Whether a resolution has to be shown as a guess. */
export function isUncertain({ evidence }: SourceLocation, { paths, isWeak }: FoundSource): boolean {
  return isGuess(evidence) || isWeak || paths.length > 1;
}

function keyOf({
  path,
  line,
  column,
  functionName,
  evidence,
  service,
  isLibrary,
  lookup,
}: SourceLocation): string {
  const looked = lookup === undefined ? "" : JSON.stringify(lookup);
  return [path, line, column, functionName, evidence, service, isLibrary, looked].join("\n");
}

function wholeFrom1(value: number | undefined): number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 1 ? value : 1;
}
