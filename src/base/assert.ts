/** Throws where an invariant of this program (never of its input) does not hold. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${invariant}`);
}

/** Marks a branch that the type checker has proved to be out of reach. */
export function unreachable(value: never): never {
  throw new Error(`unreachable value: ${String(value)}`);
}
