/** Tells whether a value that crossed a process boundary has the type it should have. */
export type Guard<T> = (value: unknown) => value is T;

type Guarded<G> = G extends Guard<infer T> ? T : never;

export const isString: Guard<string> = (value): value is string => typeof value === "string";
export const isNumber: Guard<number> = (value): value is number => typeof value === "number";
export const isBoolean: Guard<boolean> = (value): value is boolean => typeof value === "boolean";
export const isNothing: Guard<undefined> = (value): value is undefined =>
  value === undefined || value === null;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isOneOf<const T extends string>(...allowed: readonly T[]): Guard<T> {
  return (value): value is T => allowed.some((one) => one === value);
}

export function isArrayOf<T>(item: Guard<T>): Guard<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(item);
}

export function isOptional<T>(guard: Guard<T>): Guard<T | undefined> {
  return (value): value is T | undefined => value === undefined || guard(value);
}

/** Accepts an object whose named fields pass; further fields are let through, so that a newer sender is understood. */
export function isObject<Fields extends Record<string, Guard<unknown>>>(
  fields: Fields,
): Guard<{ readonly [Name in keyof Fields]: Guarded<Fields[Name]> }> {
  return (value): value is { readonly [Name in keyof Fields]: Guarded<Fields[Name]> } =>
    isRecord(value) && Object.entries(fields).every(([name, guard]) => guard(value[name]));
}

/** Accepts anything: for what only the trusted side of a link can send. The reason belongs beside each use. */
export function isTrusted<T>(): Guard<T> {
  return (_value): _value is T => true;
}
