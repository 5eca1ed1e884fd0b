/**
 * What of ours stands in the stacks of the program while it handles a request. The bundle has it in a file of its own, so
 * that few names are around it: whenever the program stops, V8 lists all names of all scopes around each frame, to each
 * client of the inspector in turn (docs/pauses.md).
 */
import type { AnyFunction } from "./handlers/wrap-method.ts";

export { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
export {
  safeExecuteInTheMiddle,
  safeExecuteInTheMiddleAsync,
} from "@opentelemetry/instrumentation/build/esm/utils.js";

/** A function that calls `before` with its `this`, and then does what `original` does. */
export function callBefore(original: AnyFunction, before: (self: unknown) => void): AnyFunction {
  return function (this: unknown, ...args: unknown[]) {
    before(this);
    return original.apply(this, args);
  };
}

/** The same as an async function, for those who ask whether it is one. */
export function callBeforeAsync(original: AnyFunction, before: (self: unknown) => void): AnyFunction {
  // eslint-disable-next-line @typescript-eslint/require-await -- its being async is what is asked for
  return async function (this: unknown, ...args: unknown[]) {
    before(this);
    return original.apply(this, args);
  };
}
