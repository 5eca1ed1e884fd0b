import type { ModuleHook, ModulePatch } from "../modules/module-hook.ts";
import { rememberRegistration } from "../source/function-location.ts";
import { locationRank } from "../spans/live-spans.ts";
import type { HandlerTracker } from "./current-handler.ts";
import { wrapMethod } from "./wrap-method.ts";

/** What the instrumentation tells about a span (its KoaRequestInfo). */
interface KoaSpanInfo {
  readonly middlewareLayer?: unknown;
  readonly layerType?: unknown;
}

/** Koa and @koa/router: where middleware and routes are registered, and which of them a span runs. */
export class KoaHandlers {
  readonly #tracker: HandlerTracker;

  constructor(tracker: HandlerTracker) {
    this.#tracker = tracker;
  }

  /** For the instrumentation's `requestHook`. */
  readonly onSpan = (span: object, info: KoaSpanInfo): void => {
    const rank = info.layerType === "router" ? locationRank.handler : locationRank.middleware;
    this.#tracker.span(span, info.middlewareLayer, rank);
  };

  install(hook: ModuleHook): void {
    hook.add("koa", () => [
      onMain((exports) => {
        rememberArguments(prototypeOf(exports), ["use"]);
      }),
    ]);
    for (const name of ["@koa/router", "koa-router"]) {
      hook.add(name, () => [
        onMain((exports) => {
          rememberArguments(prototypeOf(exports), [...httpMethods, "register", "use"]);
        }),
      ]);
    }
  }
}

const httpMethods = ["get", "post", "put", "patch", "delete", "del", "head", "options", "all"];

function onMain(patch: (exports: unknown) => void): ModulePatch {
  return {
    file: undefined,
    supports: () => true,
    apply: (exports) => {
      patch(exports);
      return exports;
    },
  };
}

function prototypeOf(exports: unknown): unknown {
  const named: unknown =
    typeof exports === "object" && exports !== null ? (Reflect.get(exports, "default") ?? exports) : exports;
  return typeof named === "function" ? (Reflect.get(named, "prototype") as unknown) : undefined;
}

/** Remembers the call for each function among a method's arguments. */
export function rememberArguments(target: unknown, methods: readonly string[]): void {
  for (const method of methods) {
    wrapMethod(target, method, (original) => {
      return function register(this: unknown, ...args: unknown[]) {
        for (const argument of args.flat(2)) rememberRegistration(argument, register);
        return original.apply(this, args);
      };
    });
  }
}
