import type { CodePlace } from "./code-line.ts";
import { findFunction } from "./find-function.ts";
import { routesOf, type FileRoutes, type RegisteredRoute } from "./registered-routes.ts";
import { answeringMethod } from "./route-handler.ts";
import { agreement, routeShape } from "./route-shape.ts";

/** A found handler and how sure that is: see {@link agreement}. */
export interface FoundRoute extends CodePlace {
  readonly score: number;
  /** The handler's name, with what it is in, where it is not in this file: `views.cart`. */
  readonly elsewhere: string | undefined;
}

/** The handler of a route in one file; undefined where the file registers none that agrees. */
export function findRoute(
  text: string,
  extension: string,
  method: string | undefined,
  route: string,
): FoundRoute | undefined {
  return bestRoute(routesOf(text, extension), text, extension, method, route);
}

/** The same, of routes that were read before. */
export function bestRoute(
  { routes, prefixes }: FileRoutes,
  text: string,
  extension: string,
  method: string | undefined,
  route: string,
): FoundRoute | undefined {
  const wanted = routeShape(route);
  let best: { readonly route: RegisteredRoute; readonly score: number } | undefined;
  for (const one of routes) {
    const isStated = one.methods.length > 0;
    if (method !== undefined && isStated && !one.methods.includes(method)) continue;
    const whole = [[], ...prefixes].map((prefix) => agreement([...prefix, ...one.shape], wanted));
    // A longer ending and a stated method are better than none; whole numbers stay the kinds of agreement.
    const detail = one.shape.length / 100 + (isStated ? 0.005 : 0);
    const score = Math.max(...whole) + detail;
    if (score >= 1 && score > (best?.score ?? 0)) best = { route: one, score };
  }
  if (best === undefined) return undefined;
  const { handler, line, column } = best.route;
  const name = handler?.split(/[.:]+/).at(-1);
  const here = name === undefined ? undefined : findFunction(text, extension, name);
  return {
    ...(here === undefined ? { line, column } : answeringMethod(text, extension, here, method)),
    score: best.score,
    elsewhere: here === undefined ? handler : undefined,
  };
}
