import { relativeTo } from "./slash-path.ts";
import type { WorkspaceFolder } from "./source-world.ts";

/** Of the workspace, and of what is known of the program, what decides between files of one name. */
export interface EndingContext {
  readonly folders: readonly WorkspaceFolder[];
  readonly foldsCase: boolean;
  /** Folders that the program's session works in. */
  readonly bases: readonly string[];
  readonly service: string;
}

/** The candidates that agree best with a path. */
export interface EndingMatch {
  /** More than one only where they agree equally well. */
  readonly paths: readonly string[];
  /** How many of the last segments agree. */
  readonly length: number;
  /** The path ends with the whole path of the file in its workspace folder, as that of a container does. */
  readonly isComplete: boolean;
}

interface Ranked {
  readonly path: string;
  readonly length: number;
  readonly isComplete: boolean;
  readonly rank: readonly number[];
}

/**
 * Finds the files whose ending is that of a path from elsewhere (a container, another machine). Of those that agree over
 * equally many segments, the ones in the session's own folders come first, then those that agree as a whole, then those in
 * a folder named like the service.
 * @param segments the path's segments, the file's name last.
 * @param candidates paths with `/` between their segments.
 */
export function longestEnding(
  segments: readonly string[],
  candidates: readonly string[],
  context: EndingContext,
): EndingMatch {
  const ranked = candidates
    .map((candidate) => rankOf(candidate, segments, context))
    .filter(({ length }) => length > 0)
    .sort((one, other) => compareRanks(one.rank, other.rank));
  const [best] = ranked;
  if (best === undefined) return { paths: [], length: 0, isComplete: false };
  return {
    paths: ranked.filter((one) => compareRanks(one.rank, best.rank) === 0).map(({ path }) => path),
    length: best.length,
    isComplete: best.isComplete,
  };
}

function rankOf(path: string, segments: readonly string[], context: EndingContext): Ranked {
  const { folders, foldsCase } = context;
  const fold = (segment: string | undefined): string | undefined =>
    foldsCase ? segment?.toLowerCase() : segment;
  const parts = path.split("/");
  let length = 0;
  while (length < segments.length && fold(segments.at(-1 - length)) === fold(parts.at(-1 - length))) length++;
  const inFolder = folders.map((folder) => relativeTo(folder.path, path, foldsCase)).find(isText);
  const isComplete = inFolder !== undefined && inFolder.split("/").length <= length;
  const [inBases = 0, inService = 0] = closeness(path, context);
  return { path, length, isComplete, rank: [length, inBases, Number(isComplete), inService] };
}

/** How near a file is to the program: how deep in the session's folders it lies, and whether in one named like the service. */
export function closeness(path: string, { bases, foldsCase, service }: EndingContext): readonly number[] {
  const around = bases.filter((base) => relativeTo(base, path, foldsCase) !== undefined);
  const deepest = Math.max(0, ...around.map((base) => base.split("/").length));
  const inService = service !== "" && path.split("/").some((part) => isNamedLike(part, service));
  return [deepest, Number(inService)];
}

/** `cart` is the folder of `cart`, `cart-service` and `@shop/cart`. */
function isNamedLike(folder: string, service: string): boolean {
  const plain = (name: string): string =>
    name
      .toLowerCase()
      .replace(/^.*\//, "")
      .replace(/[-_.]?(?:service|svc|api|server|app)$/, "")
      .replace(/^(?:service|svc|app)[-_.]/, "");
  return (
    folder.toLowerCase() === service.toLowerCase() ||
    (plain(folder) !== "" && plain(folder) === plain(service))
  );
}

/** Negative where `one` comes first: the numbers count from the left, the higher is better. */
export function compareRanks(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : (other[at] ?? 0) - (one[at] ?? 0);
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}
