/** A route cut into segments, with every parameter written the same: `/cart/:id` and `/cart/{cartId}` are equal. */
export type RouteShape = readonly string[];

/** What stands for any segment, and for any number of them. */
const ANY = "{}";
const REST = "{*}";

/**
 * Reads a route as frameworks write them: `/cart/:id`, `/cart/{id:int}`, `/cart/<int:id>`, `cart/[id]`, `/cart/*rest`, and
 * Django's expressions `^cart/(?P<id>\d+)/$`. Slashes at the ends, case, the hint of a format (`(.:format)`), ASP.NET's `~` and
 * what a program puts in front (`${base}/cart`) do not count.
 */
export function routeShape(route: string): RouteShape {
  return replaceGroups(route.slice(0, 1000))
    .replace(/^(?:\$\{[^}]*\}|~)(?=\/)/, "")
    .replace(/^\^|\\?[$Z]$|\\[AZ]/g, "")
    .replace(/\(\.:format\)$/, "")
    .split("/")
    .filter((segment) => segment !== "")
    .map(shapeOfSegment);
}

/** Groups of an expression become parameters; they may hold slashes and each other. */
function replaceGroups(route: string): string {
  let plain = "";
  let depth = 0;
  for (let at = 0; at < route.length; at++) {
    const char = route[at] ?? "";
    if (char === "(" && (depth > 0 || route.startsWith("(?", at))) depth++;
    else if (char === ")" && depth > 0) {
      if (--depth === 0) plain += ANY;
    } else if (depth === 0) plain += char;
  }
  return plain;
}

function shapeOfSegment(segment: string): string {
  if (/^(?:\*.*|\{\*.*\}|<path:\w+>|\{\w+:path\}|\[\.\.\.\w+\]|:\w+\*|\{\w+\.\.\.\})$/.test(segment))
    return REST;
  if (/^(?::[\w-]+(?:\([^)]*\))?\??|\{[^{}]*\}|<[^<>]*>|\[[^[\]]*\]|\$\w+)$/.test(segment)) return ANY;
  return segment.replace(/\{[^{}]*\}|<[^<>]*>|:\w+/g, ANY).toLowerCase();
}

/**
 * How well a registered route agrees with a wanted one: 3 where they are equal, 2 where the registered one is the ending,
 * being mounted somewhere, 1 where that ending is made of parameters alone, 0 where they differ.
 */
export function agreement(registered: RouteShape, wanted: RouteShape): 0 | 1 | 2 | 3 {
  if (registered.length > wanted.length) return 0;
  const offset = wanted.length - registered.length;
  if (!registered.every((segment, at) => segment === wanted[at + offset])) return 0;
  if (offset === 0) return 3;
  return registered.some((segment) => segment !== ANY && segment !== REST) ? 2 : 1;
}
