import { isGuess, type SourceLocation } from "../../model/source-location.ts";
import type { KnownPaths } from "./file-finder.ts";
import type { FoundSource, SourceLocator } from "./source-locator.ts";

/** One of a span's locations, and the file that it leads to. */
export interface BestSource {
  readonly location: SourceLocation;
  readonly found: FoundSource;
}

/**
 * The first of a span's locations that leads into the person's program. The order of trust decides, with three
 * exceptions: a file outside the workspace and one that agrees in its name only come after the certain ones, and what is
 * looked up comes after what was recorded. Locations are tried one after the other: most spans need the first only.
 */
export async function bestSource(
  locator: SourceLocator,
  locations: readonly SourceLocation[],
  known: KnownPaths,
): Promise<BestSource | undefined> {
  return (
    (await firstOf(
      locator,
      locations.filter((location) => !isLookup(location)),
      known,
    )) ?? firstOf(locator, locations.filter(isLookup), known)
  );
}

async function firstOf(
  locator: SourceLocator,
  locations: readonly SourceLocation[],
  known: KnownPaths,
): Promise<BestSource | undefined> {
  let outside: BestSource | undefined;
  let weak: BestSource | undefined;
  for (const location of locations) {
    const found = await locator.locate(location, known);
    const path = found?.paths[0];
    if (found === undefined || path === undefined) continue;
    if (!locator.isInside(path)) outside ??= { location, found };
    else if (found.isWeak) weak ??= { location, found };
    else return { location, found };
  }
  return outside ?? weak;
}

/** A frame that may be a library's is believed as little as what is searched for. */
function isLookup({ evidence, isLibrary }: SourceLocation): boolean {
  return isGuess(evidence) || isLibrary === true;
}
