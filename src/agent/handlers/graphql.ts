import type { ModuleHook } from "../modules/module-hook.ts";
import { locationRank } from "../spans/live-spans.ts";
import { callBefore } from "../stack-frames.ts";
import type { HandlerTracker } from "./current-handler.ts";
import { wrapMethod, type AnyFunction } from "./wrap-method.ts";

interface GraphqlSchema {
  getTypeMap?(): Record<string, { getFields?(): Record<string, { resolve?: unknown }> }>;
}

/** GraphQL resolvers: wrapped once per schema, beneath the instrumentation, so that the field's span is active. */
export function installGraphqlHandlers(hook: ModuleHook, tracker: HandlerTracker): void {
  const seen = new WeakSet<object>();
  hook.add("graphql", () => [
    {
      file: "execution/execute.js",
      supports: () => true,
      apply: (exports) => {
        wrapMethod(exports, "execute", (original) => {
          return function execute(this: unknown, ...args: unknown[]) {
            wrapResolvers(schemaOf(args), seen, tracker);
            return original.apply(this, args);
          };
        });
        return exports;
      },
    },
  ]);
}

/** `execute({schema, …})`, or `execute(schema, …)` in version 15 and older. */
function schemaOf(args: readonly unknown[]): GraphqlSchema | undefined {
  const first = args[0];
  if (typeof first !== "object" || first === null) return undefined;
  const named: unknown = Reflect.get(first, "schema");
  return typeof named === "object" && named !== null ? named : first;
}

function wrapResolvers(
  schema: GraphqlSchema | undefined,
  seen: WeakSet<object>,
  tracker: HandlerTracker,
): void {
  if (schema === undefined || seen.has(schema)) return;
  seen.add(schema);
  for (const type of Object.values(schema.getTypeMap?.() ?? {})) {
    for (const field of Object.values(type.getFields?.() ?? {})) {
      wrapMethod(field, "resolve", (original) => resolver(original, tracker));
    }
  }
}

function resolver(original: AnyFunction, tracker: HandlerTracker): AnyFunction {
  return callBefore(original, () => {
    // Not the server span: a request runs many resolvers, and none of them is its handler.
    tracker.active(original, locationRank.handler);
  });
}
