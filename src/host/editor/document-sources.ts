import type { Result } from "../../base/result.ts";
import type { CodeIndexEntry, CodeSource } from "../../model/code-index.ts";
import type { SourceLocation, SourceLookup } from "../../model/source-location.ts";
import { listCodeSources, readCodeIndex, readSpan } from "../../protocol/engine.ts";
import type { RequestType } from "../../protocol/message.ts";

/** Where a location leads for certain: to one file, whose name is not all that agrees. */
export interface CertainPlace {
  readonly uri: string;
  /** From 1. */
  readonly line: number;
}

export interface DocumentSourcesParts {
  readonly ask: <Params, Reply>(
    type: RequestType<Params, Reply>,
    params: Params,
  ) => Promise<Result<Reply, unknown>>;
  /** Finds the file and the line of a location, through source maps and look-ups. */
  readonly resolve: (location: SourceLocation) => Promise<CertainPlace | undefined>;
  /** What the source map of a location's file names, by its last names; empty where it has none. */
  readonly originals: (location: SourceLocation) => Promise<readonly string[]>;
  /** Whether an open document has in it what is looked up; tells without reading any file. */
  readonly mayHold: (uri: string, lookup: SourceLookup) => boolean;
  /** Whether it may have the handler of what another file registers; tells without reading any file. */
  readonly mayHandle: (uri: string, lookup: SourceLookup) => boolean;
  readonly now: () => number;
  /** Whether spans count that failed because of a pause elsewhere. */
  readonly withFailedInPause: () => boolean;
}

/** An entry, and where it is in a document of the editor. */
export interface DocumentEntry extends CodeIndexEntry {
  /** From 1; another than the received one where the document was compiled or looked up. */
  readonly lineHere: number;
  /** When the line was looked up in the document, milliseconds since the epoch; undefined where the program told it. */
  readonly asOfMs?: number;
}

/** Handlers without a place of their own that are looked up. */
const MAX_LOOKUPS = 500;
/** Until a handler is looked for again that no file registers, as of a framework's own routes. */
const MISS_MS = 30_000;
/** Lines of compiled files that are kept; far more than make calls. */
const MAX_PLACES = 20_000;

/** The entries of the engine's index for documents of the editor, whose files programs may name by other paths. */
export class DocumentSources {
  readonly #parts: DocumentSourcesParts;
  /** By {@link sourceKey}. */
  readonly #uris = new Map<string, Promise<string | undefined>>();
  readonly #originals = new Map<string, Promise<ReadonlySet<string>>>();
  /** By {@link sourceKey} and line. */
  readonly #lines = new Map<string, Promise<CertainPlace | undefined>>();
  /** What handlers can be looked up by, and what was found; by operation. */
  readonly #lookups = new Map<string, Promise<SourceLocation | undefined>>();
  readonly #found = new Map<string, Promise<(CertainPlace & { readonly asOfMs: number }) | undefined>>();
  /** When a handler was looked for in vain because an open document might have it, milliseconds since the epoch. */
  readonly #missedMs = new Map<string, number>();

  constructor(parts: DocumentSourcesParts) {
    this.#parts = parts;
  }

  /** Files have come or gone. */
  forget(): void {
    for (const known of [this.#uris, this.#originals, this.#lines, this.#found, this.#missedMs])
      known.clear();
  }

  /** What traces know of documents, by their URIs; one without data is not in it. Undefined where the engine did not answer. */
  async read(uris: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly DocumentEntry[]> | undefined> {
    const sources = await this.#parts.ask(listCodeSources, {});
    if (!sources.ok) return undefined;
    const entries = new Map<string, DocumentEntry[]>();
    const note = (uri: string, entry: DocumentEntry): void => {
      const known = entries.get(uri);
      if (known === undefined) entries.set(uri, [entry]);
      else known.push(entry);
    };
    const names = new Set([...uris].map(lastName));
    const compiled = await this.#compiledInto(sources.value, names);
    const documents = await this.#documentsOf(sources.value, names, uris, compiled);
    const wanted = new Map([...documents.keys(), ...compiled.keys()].map((key) => [key, true]));
    const paths = new Set(
      sources.value.filter((source) => wanted.has(sourceKey(source))).map(({ path }) => path),
    );
    for (const path of paths) {
      const index = await this.#parts.ask(readCodeIndex, {
        path,
        run: undefined,
        withFailedInPause: this.#parts.withFailedInPause(),
      });
      if (!index.ok) return undefined;
      for (const entry of index.value) {
        // A longer path's question also brings the entries of its endings, which have an answer of their own.
        if (entry.path !== path) continue;
        const uri = documents.get(sourceKey(entry));
        if (uri !== undefined) note(uri, { ...entry, lineHere: entry.line });
        const place = await this.#originalOf(compiled.get(sourceKey(entry)), entry);
        if (place !== undefined && uris.has(place.uri)) note(place.uri, { ...entry, lineHere: place.line });
      }
    }
    if (sources.value.some(({ path }) => path === "") && !(await this.#lookUp(uris, note))) return undefined;
    return entries;
  }

  /** The sources whose file is one of the documents, by their keys. */
  async #documentsOf(
    sources: readonly CodeSource[],
    names: ReadonlySet<string>,
    uris: ReadonlySet<string>,
    compiled: ReadonlyMap<string, CodeSource>,
  ): Promise<ReadonlyMap<string, string>> {
    const likely = sources.filter(
      (source) => source.path !== "" && names.has(lastName(source.path)) && !compiled.has(sourceKey(source)),
    );
    const found = await Promise.all(likely.map((source) => this.#uriOf(source)));
    const documents = new Map<string, string>();
    likely.forEach((source, at) => {
      const uri = found[at];
      if (uri !== undefined && uris.has(uri)) documents.set(sourceKey(source), uri);
    });
    return documents;
  }

  /** The sources that were compiled from files with these names, by their keys. */
  async #compiledInto(
    sources: readonly CodeSource[],
    names: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, CodeSource>> {
    const likely = sources.filter(({ path }) => COMPILED.test(path) && !path.includes("node_modules"));
    const originals = await Promise.all(likely.map((source) => this.#originalsOf(source)));
    return new Map(
      likely
        .filter((_, at) => [...(originals[at] ?? [])].some((name) => names.has(name)))
        .map((source) => [sourceKey(source), source]),
    );
  }

  #uriOf(source: CodeSource): Promise<string | undefined> {
    return remembered(this.#uris, sourceKey(source), async () => {
      // With this evidence a path is not led through its source map.
      const found = await this.#parts.resolve({ ...locationOf(source), evidence: "call-site" });
      return found?.uri;
    });
  }

  #originalsOf(source: CodeSource): Promise<ReadonlySet<string>> {
    const known = this.#originals.get(sourceKey(source));
    if (known !== undefined) return known;
    const originals = this.#parts
      .originals(locationOf(source))
      .then((paths) => new Set(paths.map(lastName)) as ReadonlySet<string>);
    this.#originals.set(sourceKey(source), originals);
    return originals;
  }

  async #originalOf(
    source: CodeSource | undefined,
    { line }: CodeIndexEntry,
  ): Promise<CertainPlace | undefined> {
    if (source === undefined) return undefined;
    if (this.#lines.size >= MAX_PLACES) this.#lines.clear();
    return remembered(this.#lines, `${line} ${sourceKey(source)}`, () =>
      this.#parts.resolve({ ...locationOf(source), line }),
    );
  }

  /**
   * Adds the handlers whose spans name no place but a route or a method. Sources are only read where an open document
   * registers such a one, or may have the handler of another file's route: which one is meant, the other files tell. False
   * where the engine did not answer.
   */
  async #lookUp(
    uris: ReadonlySet<string>,
    note: (uri: string, entry: DocumentEntry) => void,
  ): Promise<boolean> {
    const index = await this.#parts.ask(readCodeIndex, {
      path: "",
      run: undefined,
      withFailedInPause: this.#parts.withFailedInPause(),
    });
    if (!index.ok) return false;
    for (const entry of index.value.filter(({ path }) => path === "").slice(0, MAX_LOOKUPS)) {
      const key = `${sourceKey(entry)} ${entry.operation}`;
      const location = await remembered(this.#lookups, key, () => this.#lookupOf(entry));
      const lookup = location?.lookup;
      if (location === undefined || lookup === undefined) continue;
      if (!this.#found.has(key) && !this.#isWorthReading(key, uris, lookup)) continue;
      const place = await remembered(this.#found, key, async () => {
        const asOfMs = this.#parts.now();
        const found = await this.#parts.resolve(location);
        if (found === undefined) this.#missedMs.set(key, asOfMs);
        return found && { ...found, asOfMs };
      });
      if (place !== undefined && uris.has(place.uri))
        note(place.uri, { ...entry, lineHere: place.line, asOfMs: place.asOfMs });
    }
    return true;
  }

  #isWorthReading(key: string, uris: ReadonlySet<string>, lookup: SourceLookup): boolean {
    const { mayHold, mayHandle, now } = this.#parts;
    if ([...uris].some((uri) => mayHold(uri, lookup))) return true;
    if (now() - (this.#missedMs.get(key) ?? -Infinity) < MISS_MS) return false;
    return [...uris].some((uri) => mayHandle(uri, lookup));
  }

  /** What the last span of an operation can be looked up by: its route before its method. */
  async #lookupOf({ lastRow, run }: CodeIndexEntry): Promise<SourceLocation | undefined> {
    const span = await this.#parts.ask(readSpan, { row: lastRow });
    if (!span.ok || span.value?.run !== run) return undefined;
    return span.value.locations.find(({ lookup }) => lookup?.kind === "route" || lookup?.kind === "name");
  }
}

const COMPILED = /\.[cm]?js$/;

/** What was found stays; what was not may yet come, and the person may yet choose among several. */
function remembered<Value>(
  known: Map<string, Promise<Value | undefined>>,
  key: string,
  find: () => Promise<Value | undefined>,
): Promise<Value | undefined> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = find().then((value) => {
    if (value === undefined) known.delete(key);
    return value;
  });
  known.set(key, found);
  return found;
}

function locationOf({ path, service, session }: CodeSource): SourceLocation {
  return { path, service, evidence: "code-attributes", ...(session === undefined ? {} : { session }) };
}

/** Mappings change folders; a file keeps its name, whatever the case. Only what may be an open document is looked for. */
function lastName(path: string): string {
  const name = path.replace(/[?#].*$/, "").replace(/^.*[\\/]/, "");
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

function sourceKey({
  path,
  service,
  run,
}: Pick<CodeSource, "path" | "service"> & { readonly run: number }): string {
  return `${run} ${path.length} ${path}${service}`;
}
