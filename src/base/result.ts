/** Either a value or an error, so that a caller cannot forget that something may fail. */
export type Result<T, E> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/**
 * An error that a person reads: what happened, to what, and what to do about it.
 * The code is stable and documented, so that it can be searched for and tested.
 */
export interface Problem {
  readonly code: string;
  readonly message: string;
  /** What the person can do, as a sentence; absent where nothing can be done. */
  readonly advice?: string;
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
