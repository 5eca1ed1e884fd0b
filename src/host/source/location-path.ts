import { normalised } from "./slash-path.ts";

/** A path as telemetry names it, made comparable with paths of this machine. */
export interface LocationPath {
  /**
   * `absolute` is a whole path of this platform. `partial` is a relative one, or one of another machine, platform or
   * server: known by mappings and by its ending only.
   */
  readonly kind: "absolute" | "partial";
  /** Normalised, with `/` between its segments; begins with `/` or a drive in capitals where the whole of it is known. */
  readonly path: string;
  readonly segments: readonly string[];
  /** A server's or a bundler's: the root is that of the site or the project. */
  readonly isUrl?: true;
}

/** Longer than any real path; what is longer was made to hurt. */
const MAX_LENGTH = 4096;

/** Schemes under which bundlers, browsers and frameworks name files; what follows their authority is a path within the project. */
const PROJECT_SCHEMES: ReadonlySet<string> = new Set([
  "webpack",
  "webpack-internal",
  "turbopack",
  "rsc",
  "about",
  "vite",
  "ng",
  "app",
  "capacitor",
  "ionic",
  "meteor",
  "http",
  "https",
]);

/**
 * Reads a location's path: `/srv/a.js`, `C:\src\a.cs`, `src/a.go`, `file:///srv/a.js`, `vscode-remote://host/srv/a.js`,
 * `webpack://shop/./src/a.ts`, `package:shop/a.dart`, `jar:file:/app.jar!/a/A.java`, `\\?\C:\a.cs`,
 * `\\wsl$\Ubuntu\home\a.py`. Undefined for what names no file of this machine: other schemes (`command:`, `node:`),
 * network shares (to open one would send credentials to whoever named it), control characters, `<anonymous>`.
 * @param windows whether this machine's paths have drives and backslashes.
 */
export function parseLocationPath(text: string, windows: boolean): LocationPath | undefined {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text === "" || text.length > MAX_LENGTH || /[\u0000-\u001f<>]/.test(text)) return undefined;
  const inWsl = /^(?:\\\\|\/\/)wsl(?:\$|\.localhost)[\\/][^\\/]+([\\/].+)$/i.exec(text)?.[1];
  if (inWsl !== undefined) return fromPath(inWsl.replaceAll("\\", "/"), windows);
  const long = /^(?:\\\\\?\\|\/\/\?\/)([A-Za-z]:[\\/].+)$/.exec(text)?.[1];
  if (long !== undefined) return fromDrive(long, windows);
  if (text.startsWith("\\\\") || text.startsWith("//")) return undefined;
  if (/^[A-Za-z]:[\\/]/.test(text)) return fromDrive(text, windows);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return fromPath(text, windows);
  const rest = text.slice(scheme.length + 1);
  if (scheme === "file") return fromFileUrl(rest, windows);
  if (scheme === "vscode-remote" || scheme === "vscode-userdata") return fromRemote(rest, windows);
  // What is inside of an archive is named from its root, as sources are from theirs.
  if (scheme === "jar") return partial(decoded(/!\/([^!]+)$/.exec(rest)?.[1] ?? ""), "");
  // Dart: a package's sources are in its folder `lib`.
  if (scheme === "package") return partial(rest.replace(/^([^/]+)\//, "$1/lib/"), "");
  if (!PROJECT_SCHEMES.has(scheme)) return undefined;
  return fromUrl(rest, windows);
}

function fromUrl(rest: string, windows: boolean): LocationPath | undefined {
  // Bundlers mark a source's origin in front of it: `webpack-internal:///(app-pages-browser)/./src/a.ts`.
  const path = decoded(
    rest
      .replace(/^\/\/[^/]*\//, "")
      .replace(/[?#].*$/, "")
      .replace(/^\/*\([\w-]+\)\//, ""),
  );
  // Vite serves files outside of its root under their whole path; webpack names some so.
  const whole = /^\/*@fs\/(.+)$/.exec(path)?.[1] ?? /^\/+((?:home|Users|[A-Za-z]:)\/.+)$/.exec(path)?.[1];
  if (whole !== undefined)
    return /^[A-Za-z]:\//.test(whole) ? fromDrive(whole, windows) : fromPath(`/${whole}`, windows);
  const found = partial(path, "/");
  return found === undefined ? undefined : { ...found, isUrl: true };
}

function fromRemote(rest: string, windows: boolean): LocationPath | undefined {
  const path = decoded(rest.replace(/^\/\/[^/]*/, ""));
  return path.startsWith("//") || path.includes("\0") ? undefined : fromPath(path, windows);
}

function fromFileUrl(rest: string, windows: boolean): LocationPath | undefined {
  const inWsl = /^\/\/wsl(?:\$|%24|\.localhost)\/[^/]+(\/.+)$/i.exec(rest)?.[1];
  const path = decoded(inWsl ?? /^(?:\/\/(?:localhost)?)?(\/[^/].*)$/.exec(rest)?.[1] ?? "");
  if (path === "" || path.includes("\0") || path.startsWith("//")) return undefined;
  return /^\/[A-Za-z](?::|\|)\//.test(path)
    ? fromDrive(`${path[1] ?? ""}:${path.slice(3)}`, windows)
    : fromPath(path, windows);
}

function fromDrive(path: string, windows: boolean): LocationPath | undefined {
  const drive = path.slice(0, 1);
  const segments = normalised(path.slice(2).split(/[\\/]/));
  if (segments.length === 0) return undefined;
  if (windows) return { kind: "absolute", path: `${drive.toUpperCase()}:/${segments.join("/")}`, segments };
  return { kind: "partial", path: `${drive.toUpperCase()}:/${segments.join("/")}`, segments };
}

function fromPath(path: string, windows: boolean): LocationPath | undefined {
  const mounted = /^\/(?:mnt|cygdrive)\/([a-z])(\/.+)$/.exec(path);
  // A drive as WSL and Cygwin mount it.
  if (windows && mounted !== null) return fromDrive(`${mounted[1] ?? ""}:${mounted[2] ?? ""}`, windows);
  const segments = normalised(path.split(windows || !path.includes("/") ? /[\\/]/ : "/"));
  if (segments.length === 0) return undefined;
  const isWhole = path.startsWith("/");
  // On Windows a path that begins at the root is one of a container or another machine.
  const kind = isWhole && !windows ? "absolute" : "partial";
  return { kind, path: `${isWhole ? "/" : ""}${segments.join("/")}`, segments };
}

function partial(path: string, root: string): LocationPath | undefined {
  const segments = normalised(path.split(/[\\/]/));
  return segments.length === 0 ? undefined : { kind: "partial", path: root + segments.join("/"), segments };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
