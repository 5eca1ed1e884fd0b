/** Paths with `/` between their segments and, on Windows, a drive in capitals before the first. */

/** Makes a path of this form of what a configuration or the system says. */
export function slashPath(path: string): string {
  return path
    .replaceAll("\\", "/")
    .replace(/^\/?([A-Za-z]):(?=\/|$)/, (_, drive: string) => `${drive.toUpperCase()}:`)
    .replace(/(?<=[^/])\/{1,64}$/, "");
}

export function isAbsolute(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z]:\//.test(path);
}

/** `folder/path`, with `.` and `..` carried out; an absolute `path` stays as it is. */
export function joined(folder: string, path: string): string {
  const whole = isAbsolute(path) ? path : `${folder}/${path}`;
  const root = /^(?:[A-Za-z]:|\/(?=\/))?\//.exec(whole)?.[0] ?? "";
  return root + normalised(whole.slice(root.length).split("/")).join("/");
}

/** Without `.`, with `..` carried out; what would climb above the beginning is cut off. */
export function normalised(segments: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return kept;
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function baseNameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Without its dot; empty where there is none. */
export function extensionOf(path: string): string {
  return /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
}

/** What follows the folder, without a slash before it; undefined where the path lies elsewhere. */
export function relativeTo(folder: string, path: string, foldsCase: boolean): string | undefined {
  const [in_, of] = foldsCase ? [folder.toLowerCase(), path.toLowerCase()] : [folder, path];
  const prefix = in_.endsWith("/") || in_ === "" ? in_ : `${in_}/`;
  return of.startsWith(prefix) ? path.slice(prefix.length) : of === in_ ? "" : undefined;
}
