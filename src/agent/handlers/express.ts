import type { ModuleHook, ModulePatch } from "../modules/module-hook.ts";
import { rememberRegistration } from "../source/function-location.ts";
import { locationRank } from "../spans/live-spans.ts";
import { callBefore } from "../stack-frames.ts";
import { programFunction, type HandlerTracker } from "./current-handler.ts";
import { wrapMethod, type AnyFunction } from "./wrap-method.ts";

/** express and router keep each registered function in a Layer. */
interface Layer {
  readonly handle?: unknown;
  /** Set on the layer that leads to a route's own handlers. */
  readonly route?: unknown;
  /** Present on a route's own layers, though undefined for `all`. */
  readonly method?: unknown;
}

/** Express 4 and 5 and the router package: which function handles a request, told to the span that runs it. */
export class ExpressHandlers {
  readonly #tracker: HandlerTracker;
  /** The function that a layer is about to call, for the span that the instrumentation starts just before. */
  #next: unknown;

  constructor(tracker: HandlerTracker) {
    this.#tracker = tracker;
  }

  /** For the instrumentation's `requestHook`. */
  readonly onSpan = (span: object): void => {
    if (this.#next !== undefined) this.#tracker.span(span, this.#next, locationRank.middleware);
    this.#next = undefined;
  };

  install(hook: ModuleHook): void {
    hook.add("express", () => [this.#patch("lib/router/layer.js")]);
    hook.add("router", () => [this.#patch("lib/layer.js")]);
  }

  #patch(file: string): ModulePatch {
    return {
      file,
      supports: () => true,
      apply: (exports) => {
        const LayerClass = exports as AnyFunction & { prototype: object };
        const about = (layer: unknown): void => {
          this.#about(layer as Layer);
        };
        for (const name of ["handle_request", "handleRequest"]) {
          wrapMethod(LayerClass.prototype, name, (original) => callBefore(original, about));
        }
        return registeringLayer(LayerClass);
      },
    };
  }

  #about(layer: Layer): void {
    this.#next = undefined;
    if (layer.route !== undefined) return;
    const handler = programFunction(layer.handle);
    if (handler === undefined) return;
    if (Object.hasOwn(layer, "method")) this.#tracker.entered(handler, locationRank.handler);
    else this.#next = handler;
  }
}

/** Layer's constructor, remembering where each handler was registered. */
function registeringLayer(original: AnyFunction & { prototype: object }): AnyFunction {
  function Layer(this: unknown, ...args: unknown[]): unknown {
    rememberRegistration(args[2], Layer);
    // Both with and without `new`, as express calls it.
    return Reflect.construct(original, args, Layer);
  }
  Layer.prototype = original.prototype;
  return Layer;
}
