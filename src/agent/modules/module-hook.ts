import { readFileSync } from "node:fs";
import Module from "node:module";
import { join, sep } from "node:path";

import { rememberCompiled } from "../source/source-map.ts";
import { isUserFile } from "../source/user-file.ts";

/** A change to one file of a package, made right after the file has run. */
export interface ModulePatch {
  /** Path inside the package with forward slashes; undefined for its main file. */
  readonly file: string | undefined;
  supports(version: string | undefined): boolean;
  /** @returns the exports that everybody gets from now on */
  apply(exports: unknown, version: string | undefined): unknown;
}

/** What a package's folder is called and holds. */
interface Package {
  readonly name: string;
  readonly version: string | undefined;
  readonly mainFiles: ReadonlySet<string>;
}

interface LoadableModule {
  exports: unknown;
}

/** The part of Node's CommonJS loader that is replaced; its names have been the same since Node 0.x. */
interface LoaderPrototype {
  load(this: LoadableModule, filename: string): unknown;
  _compile(this: LoadableModule, content: string, filename: string, ...rest: unknown[]): unknown;
}

/**
 * Watches CommonJS files being run, by `require` and by `import` alike, as Node loads CommonJS through one
 * function. Costs one look at the file's path for each file, nothing for each `require`.
 */
export class ModuleHook {
  readonly #providers = new Map<string, (() => readonly ModulePatch[])[]>();
  readonly #patches = new Map<string, readonly ModulePatch[]>();
  readonly #packages = new Map<string, Package>();
  readonly #seen = new WeakSet<LoadableModule>();
  readonly #userFileListeners: ((file: string, exports: unknown) => unknown)[] = [];

  /** @param patches asked for once, when a file of the package is about to run for the first time */
  add(packageName: string, patches: () => readonly ModulePatch[]): void {
    const providers = this.#providers.get(packageName);
    if (providers === undefined) this.#providers.set(packageName, [patches]);
    else providers.push(patches);
  }

  /** @param listener called with each of the person's own files after it ran; returns its exports */
  onUserFile(listener: (file: string, exports: unknown) => unknown): void {
    this.#userFileListeners.push(listener);
  }

  install(): void {
    const loader = Module.prototype as unknown as LoaderPrototype;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- both are called on the module that is loading
    const { load, _compile: compile } = loader;
    const afterRun = (module: LoadableModule, file: string): void => {
      this.#afterRun(module, file);
    };
    loader.load = function (this: LoadableModule, filename: string) {
      const result = load.call(this, filename);
      // Those that are not compiled: ES modules that were required.
      afterRun(this, filename);
      return result;
    };
    // For `import`, `load` takes a copy of the exports before it returns: they have to be patched by then.
    loader._compile = function (this: LoadableModule, content: string, filename: string, ...rest: unknown[]) {
      if (isUserFile(filename)) rememberCompiled(filename, content);
      const result = compile.call(this, content, filename, ...rest);
      afterRun(this, filename);
      return result;
    };
  }

  #afterRun(module: LoadableModule, file: string): void {
    try {
      if (this.#seen.has(module)) return;
      this.#seen.add(module);
      if (isUserFile(file)) {
        for (const listener of this.#userFileListeners) module.exports = listener(file, module.exports);
        return;
      }
      const place = packagePlace(file);
      if (place === undefined) return;
      module.exports = this.patchExports(place, module.exports);
    } catch {
      // A library that is not as expected runs as it is.
    }
  }

  /** Whether a patch may apply to this file. */
  wants(place: PackagePlace): boolean {
    const patches = this.#patchesOf(place.name);
    if (patches.length === 0) return false;
    const found = this.#packageAt(place);
    return patches.some((patch) => isFor(patch, place, found) && patch.supports(found.version));
  }

  /** Also for files that came through an ES module hook. */
  patchExports(place: PackagePlace, exports: unknown): unknown {
    let patched = exports;
    let found: Package | undefined;
    for (const patch of this.#patchesOf(place.name)) {
      found ??= this.#packageAt(place);
      if (!isFor(patch, place, found) || !patch.supports(found.version)) continue;
      try {
        patched = patch.apply(patched, found.version);
      } catch {
        // One patch that fails must not take the others with it.
      }
    }
    return patched;
  }

  #patchesOf(name: string): readonly ModulePatch[] {
    const known = this.#patches.get(name);
    if (known !== undefined) return known;
    const patches = (this.#providers.get(name) ?? []).flatMap((provider) => provider());
    this.#patches.set(name, patches);
    return patches;
  }

  #packageAt(place: PackagePlace): Package {
    const known = this.#packages.get(place.folder);
    if (known !== undefined) return known;
    const found = readPackage(place);
    this.#packages.set(place.folder, found);
    return found;
  }
}

/** Packages that exist twice hold the same file as .js and .mjs. */
function isFor(patch: ModulePatch, place: PackagePlace, found: Package): boolean {
  if (patch.file === undefined) return found.mainFiles.has(place.file);
  return patch.file === place.file || patch.file === place.file.replace(/\.mjs$/, ".js");
}

/** Where a file lies inside an installed package. */
export interface PackagePlace {
  readonly name: string;
  readonly folder: string;
  /** Path inside the package, with forward slashes. */
  readonly file: string;
}

const nodeModules = `${sep}node_modules${sep}`;

export function packagePlace(file: string): PackagePlace | undefined {
  const at = file.lastIndexOf(nodeModules);
  if (at < 0) return undefined;
  const start = at + nodeModules.length;
  let end = file.indexOf(sep, start);
  if (end > 0 && file[start] === "@") end = file.indexOf(sep, end + 1);
  if (end < 0) return undefined;
  const name = file.slice(start, end);
  const inside = file.slice(end + 1);
  return {
    name: sep === "/" ? name : name.replaceAll(sep, "/"),
    folder: file.slice(0, end),
    file: sep === "/" ? inside : inside.replaceAll(sep, "/"),
  };
}

function readPackage(place: PackagePlace): Package {
  try {
    const manifest = JSON.parse(readFileSync(join(place.folder, "package.json"), "utf8")) as Record<
      string,
      unknown
    >;
    const version = typeof manifest["version"] === "string" ? manifest["version"] : undefined;
    // An alias ("npm:express@4") is installed under a name that is not the package's.
    const name = typeof manifest["name"] === "string" ? manifest["name"] : place.name;
    return {
      name,
      version,
      mainFiles: new Set([...mainCandidates(manifest["main"]), ...exportTargets(manifest["exports"])]),
    };
  } catch {
    return { name: place.name, version: undefined, mainFiles: new Set(["index.js"]) };
  }
}

function mainCandidates(main: unknown): string[] {
  if (typeof main !== "string" || main === "") return ["index.js"];
  const clean = main.replace(/^\.\//, "").replace(/\/$/, "");
  return [
    clean,
    `${clean}.js`,
    `${clean}.cjs`,
    clean === "." || clean === "" ? "index.js" : `${clean}/index.js`,
  ];
}

/** Every file that the package's root entry can resolve to (Node's "Conditional exports"). */
function exportTargets(exports: unknown, depth = 0): string[] {
  if (typeof exports === "string") return [exports.replace(/^\.\//, "")];
  if (typeof exports !== "object" || exports === null || depth > 5) return [];
  const entries = Object.entries(exports);
  const root = entries.find(([key]) => key === ".");
  if (root !== undefined) return exportTargets(root[1], depth + 1);
  return entries.flatMap(([key, value]) =>
    key.startsWith(".") || key === "types" ? [] : exportTargets(value, depth + 1),
  );
}
