import { MAX_CODE_LINE_LENGTH, type CodePlace } from "./code-line.ts";
import { ROUTE_PATTERNS, type RoutePattern } from "./route-patterns.ts";
import { routeShape, type RouteShape } from "./route-shape.ts";

/** A route that a file registers. */
export interface RegisteredRoute extends CodePlace {
  /** In capitals; empty where it serves any, or the text does not tell. */
  readonly methods: readonly string[];
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
      if (isPrefix) prefixes.push(...match.paths.map((path) => shapeIn(path, lines, index)));
      else routes.push(...registered(match, pattern, lines, index));
      break;
    }
  }
  return { routes, prefixes };
}

interface Match {
  readonly method: string | undefined;
  /** More than one where the framework takes a list. */
  readonly paths: readonly string[];
  readonly name: string | undefined;
  readonly column: number;
}

function matchIn({ pattern }: RoutePattern, line: string, next: string | undefined): Match | undefined {
  // Arguments on a line of their own: `app.get(` and the path under it.
  const joined = /[([{]\s*$/.test(line) && next !== undefined ? `${line} ${next.trim()}` : line;
  const match = pattern.exec(joined);
  if (match === null || match.index >= line.length) return undefined;
  const { method, path = "", q = "", name } = match.groups ?? {};
  const from = match[0].lastIndexOf(q + path + q);
  const isList = q !== "" && /[[{]\s*[rb@$]?$/.test(match[0].slice(0, from));
  const rest = joined.slice(match.index + from + path.length + 2).split(/[\]}]/, 1)[0] ?? "";
  const others = isList ? [...rest.matchAll(/(["'\x60])([^"'\x60]{0,300})\1/g)] : [];
  return {
    method,
    paths: [path, ...others.map(([, , other = ""]) => other)],
    name: name ?? WRAPPED.exec(joined)?.[1],
    column: Math.max(1, match.index + 1 + (match[0].length - match[0].trimStart().length)),
  };
}

/** Go's way to make a handler of a function, wherever that stands. */
const WRAPPED = /\bHandlerFunc\(\s*([A-Za-z_][\w.]*)\s*\)/;

const ANY_METHOD = /^(?:all|any|route|api_route|match|map|use|methods|root|live|websocket|resource|)$/i;

function registered(
  match: Match,
  { role }: RoutePattern,
  lines: readonly string[],
  index: number,
): readonly RegisteredRoute[] {
  const place = role === "call" ? { line: index + 1, column: match.column } : functionUnder(lines, index);
  const name = match.name ?? handlerBelow(lines, index);
  const handler = role === "call" && name !== undefined && !NO_HANDLER.test(name) ? name : undefined;
  return match.paths.map((path) => {
    const inPath = /^([A-Z]{3,7})\s+(?:[\w.-]*)(\/.*)$/.exec(path);
    const stated = inPath?.[1] ?? (ANY_METHOD.test(match.method ?? "") ? undefined : match.method);
    const methods = stated === undefined ? methodsNearby(lines, index) : [stated.toUpperCase()];
    return {
      methods: methods.map((method) => (method === "DEL" ? "DELETE" : method)),
      shape: shapeIn(inPath?.[2] ?? path, lines, index),
      handler,
      ...place,
    };
  });
}

const NO_HANDLER = /^(?:function|async|func|lambda|fn|true|false|null|nil|None)$/;

/** Of an object that describes a route, under its path: `handler: showCart`. */
function handlerBelow(lines: readonly string[], index: number): string | undefined {
  if (!/\b(?:url|path)\s*:/.test(lines[index] ?? "")) return undefined;
  for (const line of lines.slice(index + 1, index + 10)) {
    if (/^\s*\}\s*\)?/.test(line)) return undefined;
    const name = /^\s*handler\s*:\s*([A-Za-z_$][\w$.]*)\s*,?\s*$/.exec(line)?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}

/** ASP.NET's tokens stand for the names in the code. */
function shapeIn(path: string, lines: readonly string[], index: number): RouteShape {
  if (!path.includes("[")) return routeShape(path);
  const following = lines.slice(index, index + 10).join("\n");
  const controller = /\bclass\s+(\w+?)(?:Controller)?\b/.exec(following)?.[1] ?? "";
  const action = /\b(\w+?)(?:Async)?\s*\([^()]*\)\s*(?:\{|=>|$)/m.exec(following)?.[1] ?? "";
  return routeShape(path.replace(/\[controller\]/gi, controller).replace(/\[action\]/gi, action));
}

/** `methods=["POST", "PUT"]`, `method: "POST"`, `method = RequestMethod.POST`, `.Methods("POST")`, on this line or those around. */
function methodsNearby(lines: readonly string[], index: number): readonly string[] {
  const around = [lines[index], lines[index + 1], lines[index - 1]].join("\n");
  const stated =
    /\bmethods?\s*(?:=|:|\()\s*([[({]{0,2}\s*(?:(?:RequestMethod\.|http\.Method|["'])[A-Za-z]{3,7}["']?\s*,?\s*){1,8})/i;
  const list = stated.exec(around)?.[1] ?? "";
  return [...list.matchAll(/(?:\.Method|\.|["'])([A-Za-z]{3,7})\b/g)].map(([, method = ""]) =>
    method.toUpperCase(),
  );
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
