import { isRecord } from "../../protocol/guard.ts";

/** A folder as the program knows it, and the same folder here. */
export interface PathMapping {
  readonly remote: string;
  readonly local: string;
}

/** What a launch configuration says of paths, under the names that the debuggers have given it. */
export function pathMappingsOf(configuration: Readonly<Record<string, unknown>>): readonly PathMapping[] {
  const { localRoot, remoteRoot, pathMappings, substitutePath, sourceFileMap } = configuration;
  return [
    { remote: remoteRoot, local: localRoot },
    // debugpy has a list of roots, PHP's debugger an object from remote to local.
    ...entries(pathMappings, "remoteRoot", "localRoot"),
    ...entries(substitutePath, "to", "from"),
    ...entries(sourceFileMap, "", ""),
  ].flatMap(({ remote, local }) =>
    typeof remote === "string" && typeof local === "string" && remote !== "" && local !== ""
      ? [{ remote: trimmed(remote), local: trimmed(local) }]
      : [],
  );
}

/** The path under its local folder, for every mapping that covers it, the most specific first. */
export function mapToLocal(path: string, mappings: readonly PathMapping[]): readonly string[] {
  return mappings
    .filter(({ remote }) => path === remote || path.startsWith(`${remote}/`))
    .sort((one, other) => other.remote.length - one.remote.length)
    .map(({ remote, local }) => local + path.slice(remote.length));
}

interface Unchecked {
  readonly remote: unknown;
  readonly local: unknown;
}

function entries(value: unknown, remote: string, local: string): readonly Unchecked[] {
  if (Array.isArray(value))
    return (value as readonly unknown[])
      .filter(isRecord)
      .map((entry) => ({ remote: entry[remote], local: entry[local] }));
  if (isRecord(value)) return Object.entries(value).map(([from, to]) => ({ remote: from, local: to }));
  return [];
}

function trimmed(folder: string): string {
  return folder.replaceAll("\\", "/").replace(/(?<=.)\/+$/, "");
}
