import type { SourceLocation } from "../../model/source-location.ts";
import { declaredPackage, declaresPackages } from "./declared-package.ts";
import { parseLocationPath, type LocationPath } from "./location-path.ts";
import { longestEnding, type EndingContext, type EndingMatch } from "./longest-ending.ts";
import { mapToLocal } from "./path-mappings.ts";
import type { SessionPaths } from "./session-paths.ts";
import { extensionOf, isAbsolute, joined, slashPath } from "./slash-path.ts";
import { overridden } from "./source-overrides.ts";
import type { SourceWorld } from "./source-world.ts";

/** The files that a path may mean. */
export interface FoundFiles {
  /** More than one only where they match equally well. */
  readonly paths: readonly string[];
  /** Only the file's name agrees: it may well be another one. */
  readonly isWeak: boolean;
}

/** The paths of the session that a location came with, and those of the other sessions. */
export interface KnownPaths {
  readonly own: SessionPaths;
  readonly others: readonly SessionPaths[];
}

/** Files whose text is read to tell which package they are of. */
const MAX_READ_FOR_PACKAGE = 20;

/** Finds the files for a path: where a mapping leads, the path itself, the folders of the session, its longest ending. */
export class FileFinder {
  readonly #world: SourceWorld;

  constructor(world: SourceWorld) {
    this.#world = world;
  }

  async find(location: SourceLocation, known: KnownPaths): Promise<FoundFiles | undefined> {
    const { windows } = this.#world;
    const path = parseLocationPath(location.path, windows);
    if (path === undefined) return undefined;
    for (const candidate of this.#exact(location.path, path, known)) {
      const actual = await this.#world.actual(candidate);
      if (actual !== undefined) return { paths: [actual], isWeak: false };
    }
    return this.#byEnding(path, location, known);
  }

  /** The places where the file may stand without any search. */
  #exact(text: string, path: LocationPath, { own, others }: KnownPaths): readonly string[] {
    const { folders, foldsCase, windows } = this.#world;
    const isOpenable = (candidate: string): boolean =>
      windows ? /^[A-Z]:\/|^\/\/wsl/.test(candidate) : candidate.startsWith("/");
    const mapped = (paths: readonly SessionPaths[]): readonly string[] => [
      ...overridden(
        text,
        paths.flatMap(({ overrides }) => overrides),
      )
        .map(slashPath)
        .filter(isAbsolute)
        .map((whole) => joined("", whole)),
      ...mapToLocal(
        path.path,
        paths.flatMap(({ mappings }) => mappings),
        foldsCase,
      ),
    ];
    const under = (roots: readonly string[]): readonly string[] =>
      isAbsolute(path.path) && path.isUrl !== true
        ? []
        : roots.map((root) => joined(root, path.segments.join("/")));
    // A drive as WSL mounts it, seen from within.
    const mounted =
      !windows && /^[A-Z]:\//.test(path.path)
        ? [`/mnt/${path.path.charAt(0).toLowerCase()}${path.path.slice(2)}`]
        : [];
    const direct = path.kind === "absolute" ? [path.path] : [];
    const roots = [...own.bases, ...folders.map((folder) => folder.path)];
    return [...mapped([own]), ...direct, ...mapped(others), ...mounted, ...under(roots)].filter(isOpenable);
  }

  async #byEnding(
    path: LocationPath,
    location: SourceLocation,
    known: KnownPaths,
  ): Promise<FoundFiles | undefined> {
    const candidates = await this.#world.named(path.segments.at(-1) ?? "");
    if (candidates.length === 0) return undefined;
    const context = this.context(location, known);
    const match = longestEnding(path.segments, candidates, context);
    const isWhole = match.length === path.segments.length;
    if (match.length === 0 || (location.isLibrary === true && !isWhole)) return undefined;
    const isOfPackage = !isAbsolute(path.path) && path.segments.length > 1;
    if (isOfPackage && !isWhole && declaresPackages(extensionOf(path.path)))
      return this.#byPackage(path.segments, candidates, match);
    const isWeak =
      match.length === 1 && path.segments.length > 1 && !(match.isComplete && isProjectRoot(path.segments));
    return { paths: match.paths, isWeak };
  }

  /**
   * The files of this name that say that they are of the package whose folders the path's are. Where none does, one that
   * says nothing may be it, if the last folder agrees: PHP's namespaces may begin in any folder.
   */
  async #byPackage(
    segments: readonly string[],
    candidates: readonly string[],
    match: EndingMatch,
  ): Promise<FoundFiles | undefined> {
    const extension = extensionOf(segments.at(-1) ?? "");
    const packageName = segments.slice(0, -1).join(".").toLowerCase();
    const paths: string[] = [];
    const silent = new Set<string>();
    for (const candidate of candidates.slice(0, MAX_READ_FOR_PACKAGE)) {
      const declared = declaredPackage((await this.#world.read(candidate)) ?? "", extension);
      if (declared === packageName) paths.push(candidate);
      if (declared === undefined) silent.add(candidate);
    }
    if (paths.length > 0) return { paths, isWeak: false };
    const alike = match.length > 1 ? match.paths.filter((path) => silent.has(path)) : [];
    return alike.length === 0 ? undefined : { paths: alike, isWeak: false };
  }

  /** What decides between files that agree equally well. */
  context({ service = "" }: SourceLocation, { own }: KnownPaths): EndingContext {
    const { folders, foldsCase } = this.#world;
    // What a mapping leads to is where the session's sources are, as well as the folders that it names itself.
    const bases = [...own.bases, ...own.mappings.map(({ local }) => local)];
    return { folders, foldsCase, bases, service };
  }
}

/** Whether a file may stand in the folder of a project: `/app/index.js`, `/usr/src/app/index.js`; not `/opt/tool/lib/index.js`. */
function isProjectRoot(segments: readonly string[]): boolean {
  const folder = segments.at(-2) ?? "";
  if (segments.length <= 2) return true;
  return segments.length <= 5 && !/^(?:lib|src|bin|dist|build|test|tests|internal|pkg|include)$/.test(folder);
}
