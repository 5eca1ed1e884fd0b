import type { ModuleHook } from "../modules/module-hook.ts";
import { rememberRegistration, type ProgramFunction } from "../source/function-location.ts";
import { locationRank, type LocationRank } from "../spans/live-spans.ts";
import { callBefore, callBeforeAsync } from "../stack-frames.ts";
import type { HandlerTracker } from "./current-handler.ts";
import { looksLike, wrapMethod, type AnyFunction } from "./wrap-method.ts";

/** Fastify binds handlers to the server, which hides them; so each is wrapped as its route is registered. */
export function installFastifyHandlers(hook: ModuleHook, tracker: HandlerTracker): void {
  hook.add("fastify", () => [
    {
      file: undefined,
      supports: () => true,
      apply: (exports) => replaceFactory(exports as AnyFunction, tracker),
    },
  ]);
}

function replaceFactory(factory: AnyFunction, tracker: HandlerTracker): AnyFunction {
  const fastify = looksLike(function fastify(this: unknown, ...args: unknown[]) {
    const app = factory.apply(this, args);
    for (const name of routeMethods) wrapRouteMethod(app, name, tracker);
    wrapAddHook(app, tracker);
    return app;
  }, factory);
  for (const name of ["fastify", "default"]) {
    Object.defineProperty(fastify, name, {
      value: fastify,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return fastify;
}

const routeMethods = ["route", "get", "post", "put", "patch", "delete", "head", "options", "all"];

/** Takes `(path, handler)`, `(path, options, handler)`, `(path, {handler})` and `route({handler})`. */
function wrapRouteMethod(app: unknown, name: string, tracker: HandlerTracker): void {
  wrapMethod(app, name, (original) => {
    return function register(this: unknown, ...args: unknown[]) {
      const tracedArgs = args.map((argument) => {
        if (typeof argument === "function")
          return traced(argument as AnyFunction, locationRank.handler, tracker, register);
        const handler: unknown =
          typeof argument === "object" && argument !== null ? Reflect.get(argument, "handler") : undefined;
        if (typeof handler !== "function") return argument;
        return {
          ...(argument as object),
          handler: traced(handler as AnyFunction, locationRank.handler, tracker, register),
        };
      });
      return original.apply(this, tracedArgs);
    };
  });
}

/** Hooks on requests have spans of their own; those on the server (onReady, onClose) are left alone. */
function wrapAddHook(app: unknown, tracker: HandlerTracker): void {
  wrapMethod(app, "addHook", (original) => {
    return function addHook(this: unknown, ...args: unknown[]) {
      const [name, hook] = args;
      if (typeof name !== "string" || !requestHooks.has(name) || typeof hook !== "function")
        return original.apply(this, args);
      return original.call(
        this,
        name,
        traced(hook as AnyFunction, locationRank.middleware, tracker, addHook as never),
      );
    };
  });
}

const requestHooks = new Set([
  "onRequest",
  "preParsing",
  "preValidation",
  "preHandler",
  "preSerialization",
  "onSend",
]);

/** Fastify and its instrumentation both ask whether a function is async by its constructor's name. */
function traced(
  handler: AnyFunction,
  rank: LocationRank,
  tracker: HandlerTracker,
  below: ProgramFunction,
): AnyFunction {
  rememberRegistration(handler, below);
  const wrap = handler.constructor.name === "AsyncFunction" ? callBeforeAsync : callBefore;
  const entered = (): void => {
    tracker.entered(handler, rank);
  };
  return looksLike(wrap(handler, entered), handler);
}
