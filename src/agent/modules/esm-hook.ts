import { existsSync, readFileSync } from "node:fs";
import Module from "node:module";
import { dirname, join } from "node:path";

import { toFilePath } from "../source/user-file.ts";
import { scriptArguments } from "../source/program-files.ts";
import { bridgeKey, isWrapper, wrapperUrl } from "./esm-wrapper.ts";
import { packagePlace, type ModuleHook } from "./module-hook.ts";

interface ResolveContext {
  readonly conditions?: readonly string[];
  readonly parentURL?: string | undefined;
}
interface Resolved {
  url: string;
  format?: string | null | undefined;
}
type NextResolve = (specifier: string, context: ResolveContext) => Resolved;

/** node:module as of Node 22.15; the types at hand are of Node 20. */
interface ModuleWithHooks {
  registerHooks?(hooks: {
    resolve(specifier: string, context: ResolveContext, next: NextResolve): Resolved;
  }): void;
}

/** What the agent wants of ES modules. */
export interface EsmInterests {
  readonly modules: ModuleHook;
  /** Whether functions of this file of the person are traced. */
  tracesFile(file: string): boolean;
  wrapUserExports(file: string, exports: object): unknown;
  /** A built-in module is about to be imported for the first time. */
  onBuiltin(name: string): void;
}

/** Packages that are ES modules in these or later major versions, where CommonJS hooks see nothing of them. */
const esmOnlyPackages: readonly (readonly [name: string, since: number])[] = [
  ["@nestjs/core", 12],
  ["graphql", 17],
];

/**
 * Whether the ES module hook is worth its cost (every import is resolved through a function of ours) and safe:
 * earlier releases mistake CommonJS that is imported while such hooks are there.
 */
export function needsEsmHook(tracesFunctions: boolean): boolean {
  if (!hasReliableHooks(process.versions.node)) return false;
  const scripts = scriptArguments(process.argv);
  const isWanted = (script: string): boolean => isEsmScript(script) || hasEsmOnlyPackage(dirname(script));
  return tracesFunctions || scripts.some(isWanted) || hasEsmOnlyPackage(process.cwd());
}

export function hasReliableHooks(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 3);
  if (major === 24) return minor > 11 || (minor === 11 && patch >= 1);
  if (major === 25) return minor >= 1;
  return major >= 26;
}

export function installEsmHook(interests: EsmInterests): void {
  const loader = Module as unknown as ModuleWithHooks;
  if (loader.registerHooks === undefined) return;
  Object.defineProperty(globalThis, Symbol.for(bridgeKey), {
    configurable: true,
    value: (url: string, namespace: object) => patchNamespace(url, namespace, interests),
  });
  loader.registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      if (context.parentURL === undefined || isWrapper(context.parentURL)) return resolved;
      if (context.conditions?.includes("import") !== true) return resolved;
      try {
        if (resolved.url.startsWith("node:")) interests.onBuiltin(resolved.url);
        const url = wrapperFor(resolved, interests);
        return url === undefined ? resolved : { ...resolved, url, format: "module" };
      } catch {
        return resolved;
      }
    },
  });
}

const wrappers = new Map<string, string | undefined>();

function wrapperFor(resolved: Resolved, interests: EsmInterests): string | undefined {
  const { url, format } = resolved;
  if (!url.startsWith("file:") || format === "commonjs" || format === "json" || format === "builtin")
    return undefined;
  if (wrappers.has(url)) return wrappers.get(url);
  const file = toFilePath(url);
  const place = packagePlace(file);
  const wanted = place === undefined ? interests.tracesFile(file) : interests.modules.wants(place);
  const wrapper = wanted && existsSync(file) ? wrapperUrl(url, readFileSync(file, "utf8")) : undefined;
  wrappers.set(url, wrapper);
  return wrapper;
}

/** A copy of the namespace with what the agent changed; the namespace itself cannot be written to. */
function patchNamespace(url: string, namespace: object, interests: EsmInterests): unknown {
  const copy: Record<string, unknown> = { ...namespace };
  try {
    const file = toFilePath(url);
    const place = packagePlace(file);
    return place === undefined
      ? interests.wrapUserExports(file, copy)
      : interests.modules.patchExports(place, copy);
  } catch {
    return copy;
  }
}

function isEsmScript(script: string): boolean {
  if (/\.m[jt]s$/.test(script)) return true;
  if (/\.c[jt]s$/.test(script)) return false;
  for (const folder of foldersFrom(dirname(script))) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest)) return /"type"\s*:\s*"module"/.test(readFileSync(manifest, "utf8"));
  }
  return false;
}

function hasEsmOnlyPackage(start: string): boolean {
  return foldersFrom(start).some((folder) =>
    esmOnlyPackages.some(([name, since]) => {
      const manifest = join(folder, "node_modules", name, "package.json");
      if (!existsSync(manifest)) return false;
      const version = /"version"\s*:\s*"(\d+)\./.exec(readFileSync(manifest, "utf8"))?.[1];
      return version !== undefined && Number(version) >= since;
    }),
  );
}

function foldersFrom(start: string): string[] {
  const folders = [start];
  for (let folder = start; dirname(folder) !== folder && folders.length < 20; folder = dirname(folder)) {
    folders.push(dirname(folder));
  }
  return folders;
}
