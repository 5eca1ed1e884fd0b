import { replaceVariables, type LaunchVariables } from "./launch-variables.ts";
import { pathMappingsOf, type LaunchConfiguration, type PathMapping } from "./path-mappings.ts";
import { folderOf, joined, slashPath } from "./slash-path.ts";
import { sourceOverridesOf, type SourceOverride } from "./source-overrides.ts";

/** What a debug session's configuration says of where sources are. */
export interface SessionPaths {
  readonly mappings: readonly PathMapping[];
  readonly overrides: readonly SourceOverride[];
  /** The folders that its relative paths begin in, the most specific first. */
  readonly bases: readonly string[];
}

/**
 * Reads a configuration.
 * @param world.folder the workspace folder whose configuration it is.
 */
export function sessionPathsOf(
  configuration: LaunchConfiguration,
  world: Omit<LaunchVariables, "webRoot">,
): SessionPaths {
  const without: LaunchVariables = { ...world, webRoot: undefined };
  const whole = (value: unknown, variables: LaunchVariables): readonly string[] => {
    const text = typeof value === "string" && value !== "" ? replaceVariables(value, variables) : undefined;
    return text === undefined ? [] : [joined(world.folder?.path ?? "", slashPath(text))];
  };
  const variables: LaunchVariables = { ...without, webRoot: whole(configuration["webRoot"], without)[0] };
  const { program, cwd, localRoot, webRoot, sourcePaths, projectPath } = configuration;
  const sources: readonly unknown[] = Array.isArray(sourcePaths) ? sourcePaths : [];
  const bases = [
    ...whole(webRoot, variables),
    ...whole(cwd, variables),
    ...sources.flatMap((source) => whole(source, variables)),
    ...whole(localRoot, variables),
    ...whole(projectPath, variables),
    // Go's program is a folder, the others' a file in one.
    ...whole(program, variables).flatMap((path) => [path, folderOf(path)]),
  ];
  return {
    mappings: pathMappingsOf(configuration, variables),
    overrides: sourceOverridesOf(configuration["sourceMapPathOverrides"], variables),
    bases: [...new Set(bases)],
  };
}
