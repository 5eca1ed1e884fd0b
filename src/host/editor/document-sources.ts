import type { Result } from "../../base/result.ts";
import type { CodeIndexEntry, CodeSource } from "../../model/code-index.ts";
import type { SourceLocation } from "../../model/source-location.ts";
import { listCodeSources, readCodeIndex } from "../../protocol/engine.ts";
import type { RequestType } from "../../protocol/message.ts";

/** Where a location leads; the panel's ResolvedSource has this shape. */
interface Resolved {
  readonly uri: string;
  readonly guess: boolean;
}

export interface DocumentSourcesParts {
  readonly ask: <Params, Reply>(
    type: RequestType<Params, Reply>,
    params: Params,
  ) => Promise<Result<Reply, unknown>>;
  readonly resolve: (location: SourceLocation) => Promise<Resolved | undefined>;
}

/** The entries of the engine's index for documents of the editor, whose files programs may name by other paths. */
export class DocumentSources {
  readonly #parts: DocumentSourcesParts;
  /** The URI of a source's document, or undefined; by {@link sourceKey}. */
  readonly #uris = new Map<string, Promise<string | undefined>>();

  constructor(parts: DocumentSourcesParts) {
    this.#parts = parts;
  }

  /** Files have come or gone. */
  forget(): void {
    this.#uris.clear();
  }

  /** What traces know of documents, by their URIs; one without data is not in it. Undefined where the engine did not answer. */
  async read(uris: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly CodeIndexEntry[]> | undefined> {
    const { ask } = this.#parts;
    const sources = await ask(listCodeSources, {});
    if (!sources.ok) return undefined;
    const names = new Set([...uris].map(lastName));
    const likely = sources.value.filter(({ path }) => names.has(lastName(path)));
    const found = await Promise.all(likely.map((source) => this.#uriOf(source)));
    const documents = new Map<string, string>();
    const paths = new Set<string>();
    likely.forEach((source, at) => {
      const uri = found[at];
      if (uri === undefined || !uris.has(uri)) return;
      documents.set(sourceKey(source), uri);
      paths.add(source.path);
    });
    const entries = new Map<string, CodeIndexEntry[]>();
    for (const path of paths) {
      const index = await ask(readCodeIndex, { path, run: undefined, withFailedInPause: undefined });
      if (!index.ok) return undefined;
      for (const entry of index.value) {
        // A longer path's question also brings the entries of its endings, which have an answer of their own.
        const uri = entry.path === path ? documents.get(sourceKey(entry)) : undefined;
        if (uri === undefined) continue;
        const known = entries.get(uri);
        if (known === undefined) entries.set(uri, [entry]);
        else known.push(entry);
      }
    }
    return entries;
  }

  #uriOf(source: CodeSource): Promise<string | undefined> {
    const key = sourceKey(source);
    const known = this.#uris.get(key);
    if (known !== undefined) return known;
    const { path, service, session } = source;
    const resolved = this.#parts
      .resolve({ path, service, evidence: "call-site", ...(session === undefined ? {} : { session }) })
      .then((to) => {
        if (to !== undefined && !to.guess) return to.uri;
        // The file may yet come, and the person may yet choose among several.
        this.#uris.delete(key);
        return undefined;
      });
    this.#uris.set(key, resolved);
    return resolved;
  }
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
