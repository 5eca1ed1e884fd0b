import { trace, type Span, type Tracer } from "@opentelemetry/api";

import { looksLike, type AnyFunction } from "../handlers/wrap-method.ts";
import { rememberFile } from "../source/function-location.ts";
import { activeContext, withContext } from "../spans/active-context.ts";
import { locationRank } from "../spans/live-spans.ts";
import { recordFailure } from "../spans/record-failure.ts";
import type { DefinitionSink } from "../handlers/current-handler.ts";

/** Puts spans around the exported functions and the methods of exported classes of a file. */
export class FunctionTracer {
  readonly #tracer: () => Tracer;
  readonly #sink: DefinitionSink;
  readonly #wrapped = new WeakMap<AnyFunction, AnyFunction>();
  readonly #wrappers = new WeakSet<AnyFunction>();

  constructor(tracer: () => Tracer, sink: DefinitionSink) {
    this.#tracer = tracer;
    this.#sink = sink;
  }

  /** @returns the same exports, or a copy where their functions cannot be replaced in place */
  wrapExports(exports: unknown, file: string): unknown {
    if (typeof exports === "function") return this.wrapValue(exports, exports.name || "default", file);
    if (typeof exports !== "object" || exports === null) return exports;
    const names = Object.keys(exports);
    const descriptors = Object.getOwnPropertyDescriptors(exports) as Record<string, PropertyDescriptor>;
    const target = names.every((name) => isReplaceable(descriptors[name]))
      ? exports
      : (Object.create(Object.getPrototypeOf(exports) as object | null) as object);
    if (target !== exports) Object.defineProperties(target, unfrozen(descriptors));
    for (const name of names) {
      const descriptor = descriptors[name];
      if (descriptor !== undefined)
        Object.defineProperty(target, name, this.#wrapProperty(descriptor, name, file));
    }
    return target;
  }

  /** A traced stand-in for a function; classes are changed in place; anything else comes back as it is. */
  wrapValue(value: unknown, name: string, file: string): unknown {
    if (typeof value !== "function") return value;
    const original = value as AnyFunction;
    if (this.#wrappers.has(original)) return original;
    if (/^class\b/.test(Function.prototype.toString.call(original))) {
      this.#wrapClass(original, original.name || name, file);
      return original;
    }
    const known = this.#wrapped.get(original);
    if (known !== undefined) return known;
    const wrapper = this.#wrapFunction(original, original.name || name, file);
    this.#wrapped.set(original, wrapper);
    this.#wrappers.add(wrapper);
    return wrapper;
  }

  #wrapProperty(descriptor: PropertyDescriptor, name: string, file: string): PropertyDescriptor {
    const get = descriptor.get?.bind(undefined);
    const { enumerable } = descriptor;
    if (get === undefined) return { ...descriptor, value: this.wrapValue(descriptor.value, name, file) };
    // Compilers export through getters, so that a binding may change; it still may.
    return {
      enumerable: enumerable ?? false,
      configurable: true,
      get: () => this.wrapValue(get(), name, file),
    };
  }

  #wrapClass(constructor: AnyFunction, name: string, file: string): void {
    for (const target of [constructor.prototype as object, constructor]) {
      for (const key of Object.getOwnPropertyNames(target)) {
        const descriptor = Object.getOwnPropertyDescriptor(target, key);
        if (key === "constructor" || key === "prototype" || descriptor?.configurable !== true) continue;
        if (typeof descriptor.value !== "function") continue;
        const method = descriptor.value as AnyFunction;
        if (this.#wrappers.has(method)) continue;
        const wrapper = this.#wrapFunction(method, `${name}.${key}`, file);
        this.#wrappers.add(wrapper);
        Object.defineProperty(target, key, { ...descriptor, value: wrapper });
      }
    }
  }

  #wrapFunction(original: AnyFunction, name: string, file: string): AnyFunction {
    rememberFile(original, file);
    const run = (call: () => unknown): unknown => this.#run(original, name, call);
    function traced(this: unknown, ...args: unknown[]): unknown {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- a class of the old kind is called with `new`
      if (new.target !== undefined) return run(() => Reflect.construct(original, args, new.target));
      return run(() => original.apply(this, args));
    }
    // Methods and arrow functions have none.
    if (Object.hasOwn(original, "prototype")) traced.prototype = original.prototype as object;
    return looksLike(traced, original);
  }

  #run(original: AnyFunction, name: string, call: () => unknown): unknown {
    const parent = activeContext();
    const span = this.#tracer().startSpan(name, {}, parent);
    this.#sink.setDefinition(span, original, locationRank.handler, "function");
    try {
      const result = withContext(trace.setSpan(parent, span), call);
      if (result instanceof Promise) return endWith(span, result);
      span.end();
      return result;
    } catch (error) {
      recordFailure(span, error);
      span.end();
      throw error;
    }
  }
}

/** The promise that is returned carries the rejection, so that one that nobody handles is still reported. */
function endWith(span: Span, promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      recordFailure(span, error);
      span.end();
      throw error;
    },
  );
}

function isReplaceable(descriptor: PropertyDescriptor | undefined): boolean {
  return descriptor?.configurable === true || descriptor?.writable === true;
}

function unfrozen(descriptors: Record<string, PropertyDescriptor>): PropertyDescriptorMap {
  return Object.fromEntries(
    Reflect.ownKeys(descriptors).map((key) => [
      key,
      { ...(Reflect.get(descriptors, key) as object), configurable: true },
    ]),
  );
}
