import type { LaunchConfiguration } from "./complete-environment.ts";

/** The attributes that name what is started, the more telling first. */
const NAMING = ["mainClass", "module", "program", "executable", "cwd"] as const;

/**
 * A name for the service of a plain launch: the base name of what is started, without its extension; the folder's name
 * where a whole folder is started. Undefined where the configuration names nothing.
 */
export function serviceNameOf(configuration: LaunchConfiguration): string | undefined {
  for (const attribute of NAMING) {
    const value = configuration[attribute];
    if (typeof value !== "string") continue;
    const segments = value.split(/[\\/]/).filter((segment) => segment !== "" && segment !== ".");
    const last = segments.at(-1);
    if (last === undefined || last.includes("${")) continue;
    if (attribute === "mainClass") return last.split(".").at(-1);
    return attribute === "program" ? last.replace(/(?<=.)\.[^.]+$/, "") : last;
  }
  return undefined;
}
