import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

import type { InstrumentationLoader } from "../instrumentation/load.ts";
import { rememberRegistration } from "../source/function-location.ts";
import { activeContext, withContext } from "../spans/active-context.ts";
import { withCallSite } from "../spans/live-spans.ts";
import { programFunction, type HandlerTracker } from "./current-handler.ts";
import { looksLike, wrapMethod, type AnyFunction } from "./wrap-method.ts";

/** For the http instrumentation's `requestHook`: the listener of a server without a framework is its handler. */
export function httpRequestHook(tracker: HandlerTracker): (span: object, request: object) => void {
  return (_span, request) => {
    const server: unknown = Reflect.get((request as Partial<IncomingMessage>).socket ?? {}, "server");
    if (!(server instanceof http.Server) && !(server instanceof https.Server)) return;
    for (const listener of server.listeners("request")) {
      const definition = programFunction(listener);
      if (definition !== undefined) tracker.listener(definition);
    }
  };
}

/**
 * Node's own http, https and fetch. They are patched at once: an ES module that imports them is not announced anywhere.
 */
export function patchBuiltins(loader: InstrumentationLoader): void {
  const instrumentation = loader.load("http");
  for (const [name, exports] of [["http", http] as const, ["https", https] as const]) {
    for (const patch of instrumentation.patchesFor(name)) patch.apply(exports, undefined);
    rememberListeners(exports);
  }
  loader.load("undici");
  wrapFetch();
  syncBuiltinESMExports();
}

function rememberListeners(builtin: typeof http | typeof https): void {
  wrapMethod(builtin, "createServer", (original) => {
    return function createServer(this: unknown, ...args: unknown[]) {
      for (const argument of args) rememberRegistration(argument, createServer);
      return original.apply(this, args);
    };
  });
  for (const name of ["on", "addListener"]) {
    wrapMethod(builtin.Server.prototype, name, (original) => {
      return function on(this: unknown, ...args: unknown[]) {
        if (args[0] === "request") rememberRegistration(args[1], on);
        return original.apply(this, args);
      };
    });
  }
}

/** fetch starts its request from a queue of its own, where the caller is no longer on the stack. */
function wrapFetch(): void {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, "fetch");
  if (descriptor?.configurable !== true || typeof descriptor.value !== "function") return;
  const original = descriptor.value as AnyFunction;
  const fetch = looksLike(function fetch(this: unknown, ...args: unknown[]) {
    return withContext(withCallSite(activeContext(), fetch as never), () => original.apply(this, args));
  }, original);
  Object.defineProperty(globalThis, "fetch", { ...descriptor, value: fetch });
}
