import type { SourceWorld } from "./source-world.ts";

/** Files of a workspace that are searched; a search of more takes longer than a person waits. */
const MAX_FILES = 3000;
/** Characters that are kept; what is beyond is read anew. */
const MAX_CACHED_LENGTH = 32 * 1024 * 1024;
/** Larger sources were generated. */
const MAX_TEXT_LENGTH = 512 * 1024;
/** Files read at a time. */
const CONCURRENCY = 16;

/** The texts of the workspace's sources, each read once until it changes. */
export class SourceTexts {
  readonly #world: SourceWorld;
  readonly #texts = new Map<string, string>();
  readonly #lists = new Map<string, Promise<readonly string[]>>();
  #cachedLength = 0;

  constructor(world: SourceWorld) {
    this.#world = world;
  }

  /** Calls `visit` with every source that has one of the extensions; the order is not told. */
  async each(extensions: readonly string[], visit: (path: string, text: string) => void): Promise<void> {
    const paths = [...(await this.#list(extensions))];
    const work = async (): Promise<void> => {
      for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
        const text = await this.read(path);
        if (text !== undefined) visit(path, text);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  }

  async read(path: string): Promise<string | undefined> {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const text = await this.#world.read(path);
    if (text === undefined || text.length > MAX_TEXT_LENGTH) return undefined;
    if (!this.#texts.has(path) && this.#cachedLength + text.length <= MAX_CACHED_LENGTH) {
      this.#texts.set(path, text);
      this.#cachedLength += text.length;
    }
    return text;
  }

  changed(path: string): void {
    this.#cachedLength -= this.#texts.get(path)?.length ?? 0;
    this.#texts.delete(path);
  }

  /** A file has appeared or gone. */
  moved(path: string): void {
    this.changed(path);
    this.#lists.clear();
  }

  #list(extensions: readonly string[]): Promise<readonly string[]> {
    const key = extensions.join();
    const known = this.#lists.get(key) ?? this.#world.sources(extensions, MAX_FILES);
    this.#lists.set(key, known);
    return known;
  }
}
