import type { SourceLocation, SourceLookup } from "../../model/source-location.ts";
import type { Attribute } from "../../model/span.ts";
import { firstText, textOf } from "./attribute-access.ts";
import { FUNCTION_KEYS, PATH_KEYS } from "./code-place.ts";
import type { LocatableSpan } from "./locatable-span.ts";

/**
 * What a span can be looked up by in the workspace's code, the most telling first: `http.route`, `rpc.method`, a function
 * without its file, the text of a query, and the span's name where it reads like a function's.
 */
export function lookupsOf(span: LocatableSpan): SourceLocation[] {
  const language = textOf(span.resource, "telemetry.sdk.language");
  return [routeOf(span), rpcOf(span), functionOf(span), queryOf(span), nameOf(span)]
    .filter((lookup) => lookup !== undefined)
    .map((lookup) => ({
      path: "",
      evidence: lookup.kind,
      lookup: language === undefined ? lookup : { ...lookup, language },
    }));
}

const METHODS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE|CONNECT|QUERY";
const METHOD = new RegExp(`^(?:${METHODS})$`);
/** The name that the conventions prescribe for a server's span. */
const NAMED_BY_ROUTE = new RegExp(`^(?:(${METHODS}) )?(/\\S{0,1000})$`);

function routeOf({ name, kind, attributes }: LocatableSpan): SourceLookup | undefined {
  // A client's route is the other side's.
  if (kind === "client" || kind === "producer") return undefined;
  const byName = NAMED_BY_ROUTE.exec(name);
  const route = textOf(attributes, "http.route") ?? byName?.[2];
  if (route === undefined || route.length > 2000) return undefined;
  const method = firstText(attributes, ["http.request.method", "http.method"])?.toUpperCase() ?? byName?.[1];
  return {
    kind: "route",
    ...(method !== undefined && METHOD.test(method) && { method }),
    route: route.replace(NAMED_BY_ROUTE, "$2"),
  };
}

/** `rpc.service` = `shop.Cart` and `rpc.method` = `Add`, or both in one as `shop.Cart/Add`. */
function rpcOf({ kind, attributes }: LocatableSpan): SourceLookup | undefined {
  const method = firstText(attributes, ["rpc.method"]);
  if (method === undefined || kind === "client") return undefined;
  const [service, name] = method.includes("/")
    ? [method.slice(0, method.lastIndexOf("/")), method.slice(method.lastIndexOf("/") + 1)]
    : [firstText(attributes, ["rpc.service"]) ?? "", method];
  const lookup = named(name, service);
  return lookup && { ...lookup, isRemote: true };
}

function functionOf({ attributes }: LocatableSpan): SourceLookup | undefined {
  const name = firstText(attributes, FUNCTION_KEYS);
  if (name === undefined || hasFile(attributes)) return undefined;
  const namespace = firstText(attributes, ["code.namespace"]);
  if (namespace !== undefined && !name.startsWith(namespace)) return named(name, namespace);
  return qualifiedName(name);
}

function queryOf({ attributes }: LocatableSpan): SourceLookup | undefined {
  const text = firstText(attributes, ["db.query.text", "db.statement"]);
  return text === undefined ? undefined : { kind: "query", text: text.slice(0, MAX_QUERY_LENGTH) };
}

/** The beginning of a query tells it from others. */
const MAX_QUERY_LENGTH = 4000;

/** `Cart.add`, `process_order`, `CartService#checkout`; not `GET`, `SELECT items`, `middleware - cors` or a plain word. */
function nameOf({ name, kind, attributes }: LocatableSpan): SourceLookup | undefined {
  if (kind === "client" || kind === "producer" || hasFile(attributes)) return undefined;
  if (!IDENTIFIERS.test(name) || METHOD.test(name)) return undefined;
  return qualifiedName(name);
}

const IDENTIFIERS =
  /^[A-Za-z_$][\w$]{1,100}(?:(?:\.|::|#|\/)[A-Za-z_$][\w$]{0,100}){0,8}(?:\/\d{1,2}|\(\))?$/;

function hasFile(attributes: readonly Attribute[]): boolean {
  return firstText(attributes, PATH_KEYS) !== undefined;
}

/** Splits off what the last name is in: `shop.Cart.add`, `App\Cart::add`, `Cart#add`, `main.(*Cart).Add`, `Shop.Cart.add/2`. */
function qualifiedName(text: string): SourceLookup | undefined {
  const plain = text.slice(0, 500).replace(/(?:\/\d{1,2}|\(\))$/, "");
  const at = /^(.*?)(?:\.|::|#|\\|\/|->)?([\w$]+[?!]?)$/.exec(plain);
  return at?.[2] === undefined ? undefined : named(at[2], (at[1] ?? "").replace(/[.:#\\/>-]+$/, ""));
}

function named(name: string, container: string): (SourceLookup & { readonly kind: "name" }) | undefined {
  if (!/^[\w$]{1,200}[?!]?$/.test(name)) return undefined;
  return { kind: "name", name, ...(container !== "" && { container }) };
}
