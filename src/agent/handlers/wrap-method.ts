/** A function of a library, as our wrappers see it. */
export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Replaces `target[name]` by what `wrap` makes of it, keeping its name, length and own properties; nothing happens when
 * there is no such function.
 */
export function wrapMethod(
  target: unknown,
  name: string,
  wrap: (original: AnyFunction) => AnyFunction,
): void {
  if ((typeof target !== "object" && typeof target !== "function") || target === null) return;
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== "function") return;
  const wrapper = looksLike(wrap(original as AnyFunction), original as AnyFunction);
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, {
    value: wrapper,
    writable: true,
    configurable: true,
    enumerable: descriptor?.enumerable ?? false,
  });
}

/** Gives `wrapper` what a program can see of `original`. */
export function looksLike<T extends AnyFunction>(wrapper: T, original: AnyFunction): T {
  for (const key of Reflect.ownKeys(original)) {
    if (key === "prototype" || key === "arguments" || key === "caller") continue;
    const descriptor = Object.getOwnPropertyDescriptor(original, key);
    if (descriptor !== undefined) Object.defineProperty(wrapper, key, descriptor);
  }
  return wrapper;
}
