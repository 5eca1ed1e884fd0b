import {
  propagation,
  trace,
  type ContextManager,
  type Tracer,
  type TracerProvider,
} from "@opentelemetry/api";

import type { ModuleHook } from "../modules/module-hook.ts";

/**
 * Programs and libraries that call @opentelemetry/api without any SDK: their copy of the API falls back to
 * `currentProvider` and `contextManager` as long as nothing is registered with it. Nothing is registered by us, which would stand in a later SDK's way.
 */
export function serveApiUsers(
  hook: ModuleHook,
  currentProvider: () => TracerProvider,
  contextManager: ContextManager,
): void {
  // Tracers are kept for good by those who ask for them, also from before an SDK is registered.
  const provider: TracerProvider = {
    getTracer: (...args) => new CurrentTracer(() => currentProvider().getTracer(...args)),
  };
  hook.add("@opentelemetry/api", () => [
    {
      file: undefined,
      supports: (version) => version?.startsWith("1.") === true,
      apply: (exports) => {
        const api = exports as Record<string, unknown>;
        // The same copy is asked for twice where a package has an entry for each module system.
        if (api["trace"] === trace) return exports;
        const proxy: unknown = Reflect.get(api["trace"] as object, "_proxyTracerProvider");
        const setDelegate: unknown = Reflect.get(proxy as object, "setDelegate");
        if (typeof setDelegate === "function") setDelegate.call(proxy, provider);
        fallBackTo(api["context"], "_getContextManager", () => contextManager);
        fallBackTo(api["propagation"], "_getGlobalPropagator", () => propagationOfOurs);
        return exports;
      },
    },
  ]);
}

class CurrentTracer implements Tracer {
  readonly #tracer: () => Tracer;

  constructor(tracer: () => Tracer) {
    this.#tracer = tracer;
  }

  startSpan(...args: Parameters<Tracer["startSpan"]>): ReturnType<Tracer["startSpan"]> {
    return this.#tracer().startSpan(...args);
  }

  startActiveSpan(...args: unknown[]): never {
    const tracer = this.#tracer();
    return Reflect.apply(tracer.startActiveSpan.bind(tracer), undefined, args) as never;
  }
}

/** What our instrumentations use, in the shape of a propagator. */
const propagationOfOurs = {
  inject: propagation.inject.bind(propagation),
  extract: propagation.extract.bind(propagation),
  fields: propagation.fields.bind(propagation),
};

/** Replaces the no-op that `getter` gives while nothing is registered, and leaves what is registered later. */
function fallBackTo(api: unknown, getter: string, ours: () => unknown): void {
  if (typeof api !== "object" || api === null) return;
  const original: unknown = Reflect.get(api, getter);
  if (typeof original !== "function") return;
  const noop: unknown = original.call(api);
  Object.defineProperty(api, getter, {
    configurable: true,
    writable: true,
    value: function (this: unknown) {
      const registered: unknown = original.call(this);
      return registered === noop ? ours() : registered;
    },
  });
}
