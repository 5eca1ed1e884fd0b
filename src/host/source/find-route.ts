import { MAX_CODE_LINE_LENGTH, type CodePlace } from "./code-line.ts";
import { findFunction } from "./find-function.ts";
import { ROUTE_PATTERNS, type RoutePattern } from "./route-patterns.ts";
import { agreement, routeShape, type RouteShape } from "./route-shape.ts";

/** A route that a file registers. */
export interface RegisteredRoute extends CodePlace {
  /** In capitals; undefined where it serves any, or the text does not tell. */
  readonly method: string | undefined;
  readonly shape: RouteShape;
  /** The name of the handler, where that is a function of its own. */
  readonly handler: string | undefined;
}

/** What a file says of routes. */
export interface FileRoutes {
  readonly routes: readonly RegisteredRoute[];
  /** Under which the file mounts others, its own among them. */
  readonly prefixes: readonly RouteShape[];
}

/** A found handler and how sure that is: see {@link agreement}. */
export interface FoundRoute extends CodePlace {
  readonly score: number;
  /** The handler's name, with what it is in, where it is not in this file: `views.cart`. */
  readonly elsewhere: string | undefined;
}

/** Reads the routes that a text registers, by its language's frameworks. */
export function routesOf(text: string, extension: string): FileRoutes {
  const patterns = ROUTE_PATTERNS[extension];
  const routes: RegisteredRoute[] = [];
  const prefixes: RouteShape[] = [];
  if (patterns === undefined) return { routes, prefixes };
  const lines = text.split("\n").map((line) => (line.length > MAX_CODE_LINE_LENGTH ? "" : line));
  for (const [index, line] of lines.entries()) {
    if (/^\s*(?:\/\/|#(?!\[)|\*)/.test(line)) continue;
    for (const pattern of patterns) {
      const match = matchIn(pattern, line, lines[index + 1]);
      if (match === undefined) continue;
      const isPrefix = pattern.role === "prefix" || (pattern.role === "class" && isAboveClass(lines, index));
      if (isPrefix) prefixes.push(shapeIn(match.path, lines, index));
      else routes.push(registered(match, pattern, lines, index));
      break;
    }
  }
  return { routes, prefixes };
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
    if (method !== undefined && one.method !== undefined && one.method !== method) continue;
    const whole = [[], ...prefixes].map((prefix) => agreement([...prefix, ...one.shape], wanted));
    // A longer ending and a stated method are better than none; whole numbers stay the kinds of agreement.
    const detail = one.shape.length / 100 + (one.method !== undefined ? 0.005 : 0);
    const score = Math.max(...whole) + detail;
    if (score >= 1 && score > (best?.score ?? 0)) best = { route: one, score };
  }
  if (best === undefined) return undefined;
  const { handler, line, column } = best.route;
  const name = handler?.split(/[.:]+/).at(-1);
  const here = name === undefined ? undefined : findFunction(text, extension, name);
  return {
    ...(here ?? { line, column }),
    score: best.score,
    elsewhere: here === undefined ? handler : undefined,
  };
}

interface Match {
  readonly method: string | undefined;
  readonly path: string;
  readonly name: string | undefined;
  readonly column: number;
}

function matchIn({ pattern }: RoutePattern, line: string, next: string | undefined): Match | undefined {
  // Arguments on a line of their own: `app.get(` and the path under it.
  const joined = /[([{]\s*$/.test(line) && next !== undefined ? `${line} ${next.trim()}` : line;
  const match = pattern.exec(joined);
  if (match === null || match.index >= line.length) return undefined;
  const { method, path = "", name } = match.groups ?? {};
  return {
    method,
    path,
    name,
    column: Math.max(1, match.index + 1 + (match[0].length - match[0].trimStart().length)),
  };
}

const ANY_METHOD = /^(?:all|any|route|api_route|match|map|use|methods|root|live|websocket|resource|)$/i;

function registered(
  match: Match,
  { role }: RoutePattern,
  lines: readonly string[],
  index: number,
): RegisteredRoute {
  const inPath = /^([A-Z]{3,7})\s+(?:[\w.-]*)(\/.*)$/.exec(match.path);
  const stated = inPath?.[1] ?? (ANY_METHOD.test(match.method ?? "") ? undefined : match.method);
  const method = (stated ?? methodNearby(lines, index))?.toUpperCase();
  const place = role === "call" ? { line: index + 1, column: match.column } : functionUnder(lines, index);
  return {
    method: method === "DEL" ? "DELETE" : method,
    shape: shapeIn(inPath?.[2] ?? match.path, lines, index),
    handler:
      role === "call" &&
      !/^(?:function|async|func|lambda|fn|true|false|null|nil|None)$/.test(match.name ?? "")
        ? match.name
        : undefined,
    ...place,
  };
}

/** ASP.NET's tokens stand for the names in the code. */
function shapeIn(path: string, lines: readonly string[], index: number): RouteShape {
  if (!path.includes("[")) return routeShape(path);
  const following = lines.slice(index, index + 10).join("\n");
  const controller = /\bclass\s+(\w+?)(?:Controller)?\b/.exec(following)?.[1] ?? "";
  const action = /\b(\w+?)(?:Async)?\s*\([^()]*\)\s*(?:\{|=>|$)/m.exec(following)?.[1] ?? "";
  return routeShape(path.replace(/\[controller\]/gi, controller).replace(/\[action\]/gi, action));
}

/** `methods=["POST"]`, `method: "POST"`, `method = RequestMethod.POST`, `.Methods("POST")`, on this line or those around. */
function methodNearby(lines: readonly string[], index: number): string | undefined {
  const around = [lines[index], lines[index + 1], lines[index - 1]].join("\n");
  return /\bmethods?\s*(?:=|:|\()\s*[[({]{0,2}\s*(?:RequestMethod\.|http\.Method|["'])([A-Za-z]{3,7})\b/i.exec(
    around,
  )?.[1];
}

/** The function that a decorator or an annotation stands above: the first line under it that is neither. */
function functionUnder(lines: readonly string[], index: number): CodePlace {
  let depth = 0;
  for (let at = index; at < Math.min(lines.length, index + 30); at++) {
    const line = lines[at] ?? "";
    const isOwn = depth === 0 && !/^\s*(?:@|\[|#|\/\/|\/\*|\*|$)/.test(line);
    if (isOwn) return { line: at + 1, column: line.search(/\S/) + 1 };
    depth = Math.max(0, depth + count(line, /[([{]/g) - count(line, /[)\]}]/g));
  }
  return { line: index + 1, column: (lines[index] ?? "").search(/\S/) + 1 };
}

function isAboveClass(lines: readonly string[], index: number): boolean {
  const under = lines[functionUnder(lines, index).line - 1] ?? "";
  return /\b(?:class|interface|object|record)\s+\w/.test(under);
}

function count(line: string, pattern: RegExp): number {
  return line.match(pattern)?.length ?? 0;
}
