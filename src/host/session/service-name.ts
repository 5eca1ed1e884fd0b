import type { LaunchConfiguration } from "./complete-environment.ts";

/** The attributes that name what is started, the more telling first. */
const NAMING = ["mainClass", "module", "program", "executable", "cwd"] as const;

/** What half of all programs are called, and folders that such a file lies in: they tell one service from another by nothing. */
const UNTELLING =
  /^(?:main|app|index|server|run|start|manage|wsgi|asgi|program|__main__|src|bin|lib|cmd|dist|out|build)$/i;

/**
 * A name for the service of a plain launch: the base name of what is started, without its extension, or the folder's
 * name where a whole folder is started or the file's own name tells nothing. Undefined where the configuration names nothing.
 */
export function serviceNameOf(configuration: LaunchConfiguration): string | undefined {
  for (const attribute of NAMING) {
    const value = configuration[attribute];
    if (typeof value !== "string") continue;
    const segments = value.split(/[\\/]/).filter((segment) => segment !== "" && segment !== ".");
    const last = segments.at(-1);
    if (last === undefined || last.includes("${")) continue;
    if (attribute === "mainClass") return last.split(".").at(-1);
    return attribute === "program" ? nameOfProgram(segments) : last;
  }
  return undefined;
}

function nameOfProgram(segments: readonly string[]): string {
  const names = segments.map((segment, index) =>
    index === segments.length - 1 ? segment.replace(/(?<=.)\.[^.]+$/, "") : segment,
  );
  const telling = names.findLast((name) => !UNTELLING.test(name));
  return telling === undefined || /[:$]/.test(telling) ? (names.at(-1) ?? "") : telling;
}
