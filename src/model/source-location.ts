/**
 * How a location was found, in order of trust:
 * - `code-attributes`: the program's own `code.*` attributes
 * - `call-site`: the agent saw the person's code call the library
 * - `handler`: the agent saw the handler being registered
 * - `function`: the agent traced this very function
 * - `exception-frame`, `stack-frame`: a frame of `exception.stacktrace` or `code.stacktrace`
 * - `route`, `name`: looked up by route, operation or function name; a guess
 */
export type LocationEvidence =
  | "code-attributes"
  | "call-site"
  | "handler"
  | "function"
  | "exception-frame"
  | "stack-frame"
  | "route"
  | "name";

/** A place in source code as telemetry names it, not yet mapped to a file of the workspace. */
export interface SourceLocation {
  /** The path or URL exactly as received; hostile until resolved. */
  readonly path: string;
  /** From 1; absent where only the function is known. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  readonly functionName?: string;
  readonly evidence: LocationEvidence;
}

/** Whether a location of this evidence is a guess, and has to be shown as one. */
export function isGuess(evidence: LocationEvidence): boolean {
  return evidence === "route" || evidence === "name";
}
