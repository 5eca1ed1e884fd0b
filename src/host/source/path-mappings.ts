import { isRecord } from "../../protocol/guard.ts";
import { replaceVariables, type LaunchVariables } from "./launch-variables.ts";
import { joined, relativeTo, slashPath } from "./slash-path.ts";

/** A folder as the program knows it, and the same folder here. An empty `remote` is the root. */
export interface PathMapping {
  readonly remote: string;
  readonly local: string;
}

/** Launch configuration, as the person wrote it or as the debugger got it. */
export type LaunchConfiguration = Readonly<Record<string, unknown>>;

/** What a launch configuration says of paths, under the names that the debuggers have given it. */
export function pathMappingsOf(
  configuration: LaunchConfiguration,
  variables: LaunchVariables,
): readonly PathMapping[] {
  const { localfsMap, sourceMap } = configuration;
  // The configurations of the Docker extension keep those of the language in an object of their own.
  const nested = ["node", "python", "netCore"].flatMap((key) =>
    isRecord(configuration[key]) ? rootsAndLists(configuration[key]) : [],
  );
  return [
    ...rootsAndLists(configuration),
    ...nested,
    ...(typeof localfsMap === "string" ? localfsMap.split(",").flatMap(fromRdbg) : []),
    // lldb: one pair, a list of pairs, or an object.
    ...(isPair(sourceMap) ? [{ remote: sourceMap[0], local: sourceMap[1] }] : entries(sourceMap, "0", "1")),
  ].flatMap(({ remote, local }) => {
    if (typeof remote !== "string" || typeof local !== "string" || remote === "" || local === "") return [];
    const [from, to] = [replaceVariables(remote, variables), replaceVariables(local, variables)];
    if (from === undefined || to === undefined || from === "." || to === "") return [];
    const folder = variables.folder?.path ?? "";
    return [{ remote: slashPath(from).replace(/^\/$/, ""), local: joined(folder, slashPath(to)) }];
  });
}

function rootsAndLists(configuration: LaunchConfiguration): readonly Unchecked[] {
  const { localRoot, remoteRoot, remotePath, cwd, localSourceRoot, serverSourceRoot } = configuration;
  const { pathMappings, pathMapping, substitutePath, sourceFileMap } = configuration;
  return [
    // The folder is what Node's and Python's debuggers take where only the other end is told.
    { remote: remoteRoot, local: localRoot ?? "${workspaceFolder}" },
    { remote: serverSourceRoot, local: localSourceRoot ?? "${workspaceFolder}" },
    { remote: remotePath, local: cwd ?? "${workspaceFolder}" },
    // debugpy has a list of roots, PHP's debugger an object from remote to local, the browsers' one from URL to folder.
    ...entries(pathMappings, "remoteRoot", "localRoot"),
    ...entries(pathMapping, "remoteRoot", "localRoot"),
    ...entries(substitutePath, "to", "from"),
    ...entries(sourceFileMap, "", ""),
  ];
}

/** The path under its local folder, for every mapping that covers it, the most specific first. */
export function mapToLocal(
  path: string,
  mappings: readonly PathMapping[],
  foldsCase = false,
): readonly string[] {
  return mappings
    .flatMap(({ remote, local }) => {
      // Windows paths are the same in any case, wherever they are looked at.
      const rest = relativeTo(remote, path, foldsCase || /^[A-Z]:/.test(remote));
      return rest === undefined
        ? []
        : [{ remote, local: rest === "" ? local : joined(local, rest.replace(/^\/+/, "")) }];
    })
    .sort((one, other) => other.remote.length - one.remote.length)
    .map(({ local }) => local);
}

interface Unchecked {
  readonly remote: unknown;
  readonly local: unknown;
}

function entries(value: unknown, remote: string, local: string): readonly Unchecked[] {
  if (Array.isArray(value))
    return (value as readonly unknown[])
      .filter((entry) => isRecord(entry) || isPair(entry))
      .map((entry) => {
        const fields = entry as Readonly<Record<string, unknown>>;
        return { remote: fields[remote], local: fields[local] };
      });
  if (isRecord(value))
    return Object.entries(value).map(([from, to]) => ({
      remote: from,
      // C++: `{ "editorPath": …, "useForBreakpoints": … }`.
      local: isRecord(to) ? to["editorPath"] : to,
    }));
  return [];
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "string");
}

/** Ruby's rdbg: `/app:/home/me/shop`, with a drive at either end. */
function fromRdbg(text: string): readonly Unchecked[] {
  const match = /^((?:[A-Za-z]:(?=[\\/]))?[^:]*):((?:[A-Za-z]:(?=[\\/]))?[^:]*)$/.exec(text.trim());
  return match === null ? [] : [{ remote: match[1], local: match[2] }];
}
