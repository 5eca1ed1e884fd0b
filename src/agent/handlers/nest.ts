import type { ModuleHook } from "../modules/module-hook.ts";
import { locationRank } from "../spans/live-spans.ts";
import { callBefore } from "../stack-frames.ts";
import type { HandlerTracker } from "./current-handler.ts";
import { looksLike, wrapMethod, type AnyFunction } from "./wrap-method.ts";

/** Nest's controllers: the method is known where the router builds the function that calls it. */
export function installNestHandlers(hook: ModuleHook, tracker: HandlerTracker): void {
  hook.add("@nestjs/core", () => [
    {
      file: "router/router-execution-context.js",
      supports: () => true,
      apply: (exports) => {
        patchRouter(exports, tracker);
        return exports;
      },
    },
  ]);
}

function patchRouter(exports: unknown, tracker: HandlerTracker): void {
  const router = exports as { RouterExecutionContext?: { prototype: object } };
  wrapMethod(router.RouterExecutionContext?.prototype, "create", (original) => {
    return function create(this: unknown, instance: unknown, method: unknown, ...rest: unknown[]) {
      if (typeof method !== "function") return original.call(this, instance, method, ...rest);
      const traced = tracedMethod(method as AnyFunction, tracker);
      return original.call(this, instance, traced, ...rest);
    };
  });
}

/** Nest keeps what its decorators said on the function, so the wrapper has to carry it. */
function tracedMethod(method: AnyFunction, tracker: HandlerTracker): AnyFunction {
  const entered = (): void => {
    tracker.entered(method, locationRank.handler);
  };
  const traced = looksLike(callBefore(method, entered), method);
  const metadata = Reflect as unknown as {
    getMetadataKeys?(target: object): unknown[];
    getMetadata?(key: unknown, target: object): unknown;
    defineMetadata?(key: unknown, value: unknown, target: object): void;
  };
  for (const key of metadata.getMetadataKeys?.(method) ?? []) {
    metadata.defineMetadata?.(key, metadata.getMetadata?.(key, method), traced);
  }
  return traced;
}
