import type { SessionId } from "./ids.ts";

/**
 * How a location was found, in order of trust:
 * - `code-attributes`: the program's own `code.*` attributes
 * - `call-site`: the agent saw the person's code call the library
 * - `handler`: the agent saw the handler being registered
 * - `function`: the agent traced this very function
 * - `exception-frame`, `stack-frame`: a frame of `exception.stacktrace` or `code.stacktrace`
 * - `route`, `name`, `query`: looked up in the workspace by route, by operation or function name, or by the text of a
 *   database query; a guess
 */
export const LOCATION_EVIDENCES = [
  "code-attributes",
  "call-site",
  "handler",
  "function",
  "exception-frame",
  "stack-frame",
  "route",
  "name",
  "query",
] as const;
export type LocationEvidence = (typeof LOCATION_EVIDENCES)[number];

/** What to look for in the workspace's code, where telemetry names no file. */
export type SourceLookup = {
  /** `telemetry.sdk.language`, where it is known: sources of others are not looked into. */
  readonly language?: string;
} & (
  | {
      readonly kind: "route";
      /** In capitals, where it is known. */
      readonly method?: string;
      /** As `http.route` has it. */
      readonly route: string;
    }
  | {
      /** A function. */
      readonly kind: "name";
      readonly name: string;
      /** The class, module or service that it is in, as far as it is known. */
      readonly container?: string;
      /** It is a service's method: whoever implements the service may be called otherwise. */
      readonly isRemote?: boolean;
    }
  | {
      readonly kind: "query";
      /** The text of a database query, sanitised or not. */
      readonly text: string;
    }
);

/** A place in source code as telemetry names it, not yet mapped to a file of the workspace. */
export interface SourceLocation {
  /** The path or URL exactly as received; hostile until resolved. Empty where only `lookup` is known. */
  readonly path: string;
  /** From 1; absent where only the function is known. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  readonly functionName?: string;
  readonly evidence: LocationEvidence;
  readonly lookup?: SourceLookup;
  /** Known by its package to be somebody else's code: believed only where the workspace has that very file. */
  readonly isLibrary?: boolean;
  /** The session whose launch configuration maps the path; absent where the span belongs to none. */
  readonly session?: SessionId;
  /** `service.name`: decides between files that match equally well. */
  readonly service?: string;
}

/** One frame of a stack as it was printed. */
export interface PrintedFrame {
  /** The line of the stack's text, from 0, and the part of it that names the place. */
  readonly textLine: number;
  readonly start: number;
  readonly end: number;
  /** Code of the runtime or of a package rather than the person's own. */
  readonly isLibrary: boolean;
  readonly location: SourceLocation;
}

/** Whether a location of this evidence is a guess, and has to be shown as one. */
export function isGuess(evidence: LocationEvidence): boolean {
  return evidence === "route" || evidence === "name" || evidence === "query";
}
