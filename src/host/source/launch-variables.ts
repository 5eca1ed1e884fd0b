import type { WorkspaceFolder } from "./source-world.ts";

/** What the variables of a launch configuration stand for. */
export interface LaunchVariables {
  /** The folder whose configuration it is. */
  readonly folder: WorkspaceFolder | undefined;
  readonly folders: readonly WorkspaceFolder[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly webRoot: string | undefined;
}

/**
 * Replaces the variables of a launch configuration that name folders (VS Code's variables reference). The debugger gets
 * them replaced; attributes of compound and attach configurations, and defaults that adapters fill in, come with them.
 * Undefined where one of them has no value here.
 */
export function replaceVariables(text: string, variables: LaunchVariables): string | undefined {
  const unknown: string[] = [];
  const replaced = text.slice(0, MAX_LENGTH).replace(/\$\{([^${}]{1,200})\}/g, (_, name: string) => {
    const value = valueOf(name, variables);
    if (value === undefined) unknown.push(name);
    return value ?? "";
  });
  return unknown.length === 0 ? replaced : undefined;
}

/** Longer than any path. */
const MAX_LENGTH = 4096;

function valueOf(name: string, variables: LaunchVariables): string | undefined {
  const { folder, folders, environment, webRoot } = variables;
  switch (name) {
    case "workspaceFolder":
    case "workspaceRoot":
    case "cwd":
      return folder?.path;
    case "workspaceFolderBasename":
      return folder?.path.slice(folder.path.lastIndexOf("/") + 1);
    case "webRoot":
      return webRoot ?? folder?.path;
    case "userHome":
      return environment["HOME"] ?? environment["USERPROFILE"];
    case "pathSeparator":
    case "/":
      return "/";
    default: {
      const [, of, rest = ""] = /^(workspaceFolder|workspaceRoot|env)[:.](.+)$/.exec(name) ?? [];
      if (of === "env") return environment[rest] ?? "";
      return of === undefined ? undefined : folders.find((one) => one.name === rest)?.path;
    }
  }
}
