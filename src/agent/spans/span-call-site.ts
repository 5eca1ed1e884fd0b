import { captureStack, StackDepth, type CapturedStack } from "../source/call-site.ts";
import type { ProgramFunction } from "../source/function-location.ts";

/** Spans whose start stack shows the framework calling itself, or another handler's `next()`. */
const frameworkScope = /instrumentation-(?:express|koa|fastify|connect|hapi|restify|router)$/;
/** As the API counts them. */
const spanKind = { internal: 0, client: 2, producer: 3 } as const;

/** Where the spans of one library start: whether their internal ones have a call site, and how deep it lies. */
interface Library {
  readonly isFramework: boolean;
  readonly depth: StackDepth;
}

const libraries = new Map<string, Library>();

/**
 * Records where a span of this scope and kind is started, above `below`; undefined where that tells nothing. Each of the
 * agent's frames between the two costs half a microsecond, so it is to be called from `below` itself. Never throws.
 */
export function captureCallSite(
  scope: string,
  kind: number,
  below: ProgramFunction,
): CapturedStack | undefined {
  if (kind !== spanKind.client && kind !== spanKind.producer && kind !== spanKind.internal) return undefined;
  const { isFramework, depth } = libraryOf(scope);
  if (isFramework && kind === spanKind.internal) return undefined;
  try {
    return captureStack(below, depth);
  } catch {
    // A program that has frozen Error has no call sites.
    return undefined;
  }
}

function libraryOf(scope: string): Library {
  const known = libraries.get(scope);
  if (known !== undefined) return known;
  const library = { isFramework: frameworkScope.test(scope), depth: new StackDepth() };
  libraries.set(scope, library);
  return library;
}
