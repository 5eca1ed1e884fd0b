import Module, { createRequire } from "node:module";

import type { ModuleHook } from "../modules/module-hook.ts";
import type { SqliteTracer } from "./trace-sqlite.ts";

interface NodeSqlite {
  readonly DatabaseSync?: { prototype: object };
}

export function hookBetterSqlite(hook: ModuleHook, tracer: SqliteTracer): void {
  hook.add("better-sqlite3", () => [
    {
      file: undefined,
      supports: () => true,
      apply: (exports) => {
        tracer.patchDatabase((exports as { prototype?: object }).prototype, nameOf);
        return exports;
      },
    },
  ]);
}

function nameOf(database: object): string | undefined {
  const name: unknown = Reflect.get(database, "name");
  return typeof name === "string" ? name : undefined;
}

let nodeSqlitePatched = false;

/** Patches node:sqlite in place. Call it only when the program loads it: loading may print a warning. */
export function patchNodeSqlite(tracer: SqliteTracer): void {
  if (nodeSqlitePatched) return;
  nodeSqlitePatched = true;
  const sqlite = createRequire(__filename)("node:sqlite") as NodeSqlite;
  tracer.patchDatabase(sqlite.DatabaseSync?.prototype, (database) => {
    const location: unknown = Reflect.get(database, "location");
    const path: unknown = typeof location === "function" ? location.call(database) : undefined;
    return typeof path === "string" ? path : undefined;
  });
}

interface Loader {
  _load(request: string, ...rest: unknown[]): unknown;
}

/** Sees `require("node:sqlite")`; built-in modules pass no other point that could be watched. */
export function onRequireOfNodeSqlite(patch: () => void): void {
  const loader = Module as unknown as Loader;
  const load = loader._load.bind(Module);
  loader._load = function (request: string, ...rest: unknown[]) {
    const exports = load(request, ...rest);
    if (request === "node:sqlite") {
      try {
        patch();
      } catch {
        // Without spans, then.
      }
    }
    return exports;
  };
}
