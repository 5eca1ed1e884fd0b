declare const brand: unique symbol;

/** A type that has the values of `Base` and cannot be mixed up with another brand of it. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
