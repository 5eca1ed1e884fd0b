import { context, type Context, type ContextManager } from "@opentelemetry/api";

import { registeredApi } from "../own-sdk/detect.ts";

let programs: (() => ContextManager | undefined) | undefined;

/** From now on the active context is that of the program's own SDK. */
export function useProgramContext(): void {
  programs = () => {
    const manager = registeredApi()?.context;
    return typeof manager === "object" && manager !== null ? (manager as ContextManager) : undefined;
  };
}

/** The context that is active in the program: of its own SDK where it has one, else of ours. */
export function activeContext(): Context {
  return programs?.()?.active() ?? context.active();
}

/** Runs `callback` with `given` active, in the same context manager that {@link activeContext} reads. */
export function withContext<T>(given: Context, callback: () => T): T {
  const manager = programs?.();
  return manager === undefined ? context.with(given, callback) : manager.with(given, callback);
}
