import { wrapMethod } from "../handlers/wrap-method.ts";

/** The place where every copy of @opentelemetry/api 1.x in a process meets (its internal/global-utils). */
const globalApiKey = Symbol.for("opentelemetry.js.api.1");

/**
 * Calls `found` with the tracer provider that the program registers, whichever copy of @opentelemetry/api it uses,
 * CommonJS, ES module or bundled: registration writes to one symbol of `globalThis`, which is watched. Nothing is put there
 * by the agent itself, so that the program's registration succeeds as it would without it.
 */
export function watchForOwnSdk(found: (provider: object) => void): void {
  let api: object | undefined;
  const existing: unknown = Reflect.get(globalThis, globalApiKey);
  const watch = (value: unknown): void => {
    if (typeof value !== "object" || value === null || value === api) return;
    api = value;
    watchTrace(value, found);
  };
  watch(existing);
  Object.defineProperty(globalThis, globalApiKey, {
    configurable: true,
    enumerable: true,
    get: () => api,
    set: watch,
  });
}

/** The context manager and the active span of the program's own SDK, by the registered API. */
export function registeredApi(): { readonly context?: unknown; readonly trace?: unknown } | undefined {
  const api: unknown = Reflect.get(globalThis, globalApiKey);
  return typeof api === "object" && api !== null ? api : undefined;
}

function watchTrace(api: object, found: (provider: object) => void): void {
  let trace: unknown = Reflect.get(api, "trace");
  const watch = (value: unknown): void => {
    trace = value;
    if (typeof value !== "object" || value === null) return;
    const registered: object = value;
    // The API registers a proxy and gives it the provider in the next statement.
    wrapMethod(registered, "setDelegate", (original) => {
      return function setDelegate(this: unknown, ...args: unknown[]) {
        const result = original.apply(this, args);
        if (typeof args[0] === "object" && args[0] !== null) guarded(found, args[0]);
        return result;
      };
    });
    if (typeof Reflect.get(registered, "setDelegate") !== "function") guarded(found, registered);
  };
  if (trace !== undefined) watch(trace);
  Object.defineProperty(api, "trace", { configurable: true, enumerable: true, get: () => trace, set: watch });
}

function guarded(found: (provider: object) => void, provider: object): void {
  try {
    found(provider);
  } catch {
    // The program's registration must succeed whatever becomes of ours.
  }
}
