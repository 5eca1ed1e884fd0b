import type { ModuleHook } from "../modules/module-hook.ts";
import { activeContext, withContext } from "../spans/active-context.ts";
import { withCallSite } from "../spans/live-spans.ts";
import { wrapMethod, type AnyFunction } from "./wrap-method.ts";

/** Methods of libraries that answer from a queue of their own: the caller is kept for the spans that start there. */
const queuedMethods: readonly { readonly package: string; readonly methods: readonly string[] }[] = [
  { package: "pg-pool", methods: ["query"] },
];

/** Makes the spans that start inside these methods, however late, point to where the method was called. */
export function installCallSites(hook: ModuleHook): void {
  for (const { package: name, methods } of queuedMethods) {
    hook.add(name, () => [
      {
        file: undefined,
        supports: () => true,
        apply: (exports) => {
          if (typeof exports === "function")
            for (const method of methods) carryCallSite(exports.prototype, method);
          return exports;
        },
      },
    ]);
  }
}

function carryCallSite(prototype: unknown, method: string): void {
  wrapMethod(prototype, method, (original: AnyFunction) => {
    return function queued(this: unknown, ...args: unknown[]) {
      return withContext(withCallSite(activeContext(), queued as never), () => original.apply(this, args));
    };
  });
}
