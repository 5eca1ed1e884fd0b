/** A path as telemetry names it, made comparable with paths of this machine. */
export type LocationPath =
  /** A whole path of this platform, normalised, with `/` between its segments. */
  | { readonly kind: "absolute"; readonly path: string; readonly segments: readonly string[] }
  /** A relative path, or one of another machine or platform: known only by its ending. */
  | { readonly kind: "partial"; readonly segments: readonly string[] };

/** Longer than any real path; what is longer was made to hurt. */
const MAX_LENGTH = 4096;

/** Schemes under which bundlers and browsers name files; what follows their authority is a path within the project. */
const PROJECT_SCHEMES: ReadonlySet<string> = new Set([
  "webpack",
  "webpack-internal",
  "turbopack",
  "ng",
  "http",
  "https",
]);

/**
 * Reads a location's path: `/srv/a.js`, `C:\src\a.cs`, `src/a.go`, `file:///srv/a.js`, `vscode-remote://host/srv/a.js`,
 * `webpack://shop/./src/a.ts`. Undefined for what names no file of this machine: other schemes (`command:`, `node:`),
 * network shares (to open one would send credentials to whoever named it), control characters, `<anonymous>`.
 * @param windows whether this machine's paths have drives and backslashes.
 */
export function parseLocationPath(text: string, windows: boolean): LocationPath | undefined {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text === "" || text.length > MAX_LENGTH || /[\u0000-\u001f<>]/.test(text)) return undefined;
  if (text.startsWith("\\\\") || text.startsWith("//")) return undefined;
  if (/^[A-Za-z]:[\\/]/.test(text)) return fromDrive(text, windows);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined)
    return windows || text.includes("/") ? fromPath(text, windows) : fromPath(text, false);
  const rest = text.slice(scheme.length + 1);
  if (scheme === "file") return fromFileUrl(rest, windows);
  if (scheme === "vscode-remote") return fromPath(decoded(rest.replace(/^\/\/[^/]*/, "")), windows);
  if (!PROJECT_SCHEMES.has(scheme)) return undefined;
  return partial(decoded(rest.replace(/^\/\/[^/]*\//, "").replace(/[?#].*$/, "")));
}

function fromFileUrl(rest: string, windows: boolean): LocationPath | undefined {
  const match = /^(?:\/\/(?:localhost)?)?(\/[^/].*)$/.exec(rest);
  if (match?.[1] === undefined) return undefined;
  const path = decoded(match[1]);
  if (path.includes("\0") || path.startsWith("//")) return undefined;
  return /^\/[A-Za-z]:\//.test(path) ? fromDrive(path.slice(1), windows) : fromPath(path, windows);
}

function fromDrive(path: string, windows: boolean): LocationPath | undefined {
  const segments = normalised(path.slice(2).split(/[\\/]/));
  if (!windows) return nonEmpty(segments);
  return { kind: "absolute", path: `${path.slice(0, 2).toUpperCase()}/${segments.join("/")}`, segments };
}

function fromPath(path: string, windows: boolean): LocationPath | undefined {
  const segments = normalised(path.split(windows || !path.includes("/") ? /[\\/]/ : "/"));
  // On Windows a path that begins at the root is one of a container or another machine.
  if (!path.startsWith("/") || windows) return nonEmpty(segments);
  return segments.length === 0 ? undefined : { kind: "absolute", path: `/${segments.join("/")}`, segments };
}

function partial(path: string): LocationPath | undefined {
  return nonEmpty(normalised(path.split(/[\\/]/)));
}

function nonEmpty(segments: readonly string[]): LocationPath | undefined {
  return segments.length === 0 ? undefined : { kind: "partial", segments };
}

/** Without `.`, with `..` carried out; what would climb above the beginning is cut off. */
function normalised(segments: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return kept;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
