import type { SourceLookup } from "../../model/source-location.ts";
import { definitionsOf, lastName } from "./find-function.ts";
import { findQuery } from "./find-query.ts";
import { bestRoute } from "./find-route.ts";
import { answeringMethod } from "./route-handler.ts";
import { routesOf, type FileRoutes } from "./registered-routes.ts";
import { closeness, compareRanks, type EndingContext } from "./longest-ending.ts";
import { routeShape } from "./route-shape.ts";
import { baseNameOf, extensionOf, folderOf } from "./slash-path.ts";
import { SourceTexts } from "./source-texts.ts";
import { extensionsOf } from "./source-extensions.ts";
import type { SourceWorld } from "./source-world.ts";

/** The places in the workspace's code that a lookup led to, all equally likely. */
export interface FoundCode {
  readonly paths: readonly string[];
  /** In the first of them. */
  readonly line: number;
  readonly column: number;
}

interface Hit {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** What a definition is in, the nearest first. */
  readonly containers: readonly string[];
  /** The higher the better, from the left. */
  readonly rank: readonly number[];
}

/**
 * Finds code by what telemetry says of it without naming a file. It reads sources when it is asked, for a person's click,
 * and keeps what it has read until the files change.
 */
export class CodeSearch {
  readonly #world: SourceWorld;
  readonly #texts: SourceTexts;
  readonly #routes = new Map<string, FileRoutes>();

  constructor(world: SourceWorld) {
    this.#world = world;
    this.#texts = new SourceTexts(world);
  }

  changed(path: string): void {
    this.#texts.changed(path);
    this.#routes.delete(path);
  }

  /** A file has appeared or gone. */
  moved(path: string): void {
    this.#texts.moved(path);
    this.#routes.delete(path);
  }

  /** @param context what is known of the program that the span is of */
  async find(lookup: SourceLookup, context: EndingContext): Promise<FoundCode | undefined> {
    const extensions = extensionsOf(lookup.language);
    switch (lookup.kind) {
      case "route":
        return this.#findRoute(lookup, extensions, context);
      case "name":
        return this.#findName(lookup, extensions, context);
      case "query":
        return this.#findQuery(lookup.text, extensions, context);
    }
  }

  async #findRoute(
    { method, route }: Extract<SourceLookup, { kind: "route" }>,
    extensions: readonly string[],
    context: EndingContext,
  ): Promise<FoundCode | undefined> {
    const hits: (Hit & { readonly elsewhere: string | undefined })[] = [];
    const segments = routeShape(route);
    await this.#texts.each(extensions, (path, text) => {
      const extension = extensionOf(path);
      const routes = this.#routes.get(path) ?? routesOf(text, extension);
      this.#routes.set(path, routes);
      const found = bestRoute(routes, text, extension, method, route);
      if (found === undefined) return;
      const { line, column, score, elsewhere } = found;
      const [inBases = 0, inService = 0] = closeness(path, context);
      const rank = [inService, Math.floor(score), Number(isNamedAfter(path, segments)), inBases, score];
      hits.push({ path, line, column, containers: [], rank, elsewhere });
    });
    const [best] = hits.sort((one, other) => compareRanks(one.rank, other.rank) || byPath(one, other));
    if (best === undefined) return undefined;
    const equal = hits.filter(({ rank }) => compareRanks(rank, best.rank) === 0);
    // Parameters alone agree with every route of that length.
    if (equal.length > 1 && best.rank[1] === 1) return undefined;
    const handler =
      best.elsewhere === undefined
        ? undefined
        : await this.#handler(best.elsewhere, method, best.path, context);
    return handler ?? foundIn(equal);
  }

  /** A handler that is defined in another file than its route: in what it is named to be in, or the only one of its name. */
  async #handler(
    handler: string,
    method: string | undefined,
    routes: string,
    context: EndingContext,
  ): Promise<FoundCode | undefined> {
    const [name = "", container] = handler.split(/[.:]+/).reverse();
    const extensions = extensionsOf(undefined, extensionOf(routes));
    const inside =
      container === undefined ? [] : await this.#definitions(name, container, extensions, context);
    const hits = inside.length > 0 ? inside : await this.#definitions(name, undefined, extensions, context);
    // Each application of a project has its `views.py` beside its `urls.py`.
    const beside = hits.filter(({ path }) => folderOf(path) === folderOf(routes));
    const only = [hits, beside].find((found) => found.length === 1)?.[0];
    if (only === undefined) return undefined;
    const text = (await this.#texts.read(only.path)) ?? "";
    const place = answeringMethod(text, extensionOf(only.path), only, method);
    return { paths: [only.path], line: place.line, column: place.column };
  }

  async #findName(
    { name, container, isRemote }: Extract<SourceLookup, { kind: "name" }>,
    extensions: readonly string[],
    context: EndingContext,
  ): Promise<FoundCode | undefined> {
    const bySymbol = await this.#bySymbol(name, container);
    if (bySymbol !== undefined) return bySymbol;
    const hits = await this.#definitions(name, container, extensions, context);
    if (hits.length > 0 || container === undefined) return foundIn(hits);
    for (const other of spellingsOf(name)) {
      const found = await this.#definitions(other, container, extensions, context);
      if (found.length > 0) return foundIn(found);
    }
    return isRemote === true ? this.#implementation(name, container, extensions, context) : undefined;
  }

  /** The method of a service in a class of any name, if there is only one. */
  async #implementation(
    name: string,
    service: string,
    extensions: readonly string[],
    context: EndingContext,
  ): Promise<FoundCode | undefined> {
    const all: Hit[] = [];
    for (const spelling of [name, ...spellingsOf(name)]) {
      const hits = await this.#definitions(spelling, undefined, extensions, context);
      all.push(...hits.filter(({ path }) => !GENERATED.test(path)));
    }
    const named = all.filter(({ containers }) => containers.some((one) => isNamedForService(one, service)));
    const [only] = named.length > 0 ? named : all;
    return only !== undefined && (named.length === 1 || all.length === 1) ? foundIn([only]) : undefined;
  }

  async #bySymbol(name: string, container: string | undefined): Promise<FoundCode | undefined> {
    const wanted = lastName(container);
    const matching = (await this.#world.symbols(name)).filter(
      (symbol) =>
        symbol.name
          .replace(/\(.*$/, "")
          .split(/[.:#]+/)
          .at(-1) === name,
    );
    const inside = matching.filter((symbol) => lastName(symbol.container) === wanted);
    const chosen = wanted === undefined ? matching : inside;
    const [only] = chosen;
    return only === undefined || chosen.length > 1
      ? undefined
      : { paths: [only.path], line: only.line, column: only.column };
  }

  /** The best definitions of a function; several where they are equally likely. */
  async #definitions(
    name: string,
    container: string | undefined,
    extensions: readonly string[],
    context: EndingContext,
  ): Promise<readonly Hit[]> {
    const wanted = lastName(container);
    const hits: Hit[] = [];
    await this.#texts.each(extensions, (path, text) => {
      for (const { line, column, containers } of definitionsOf(text, extensionOf(path), name)) {
        const fits = wanted === undefined ? 0 : containerFit(wanted, path, containers);
        if (wanted !== undefined && fits === 0) continue;
        const rank = [fits, ...closeness(path, context), Number(!isTest(path))];
        hits.push({ path, line, column, containers, rank });
      }
    });
    return best(hits);
  }

  async #findQuery(
    query: string,
    extensions: readonly string[],
    context: EndingContext,
  ): Promise<FoundCode | undefined> {
    const hits: Hit[] = [];
    await this.#texts.each([...extensions, "sql"], (path, text) => {
      const found = findQuery(text, query);
      if (found === undefined) return;
      const { line, column, score } = found;
      const rank = [score, ...closeness(path, context), Number(!isTest(path))];
      hits.push({ path, line, column, containers: [], rank });
    });
    return foundIn(best(hits));
  }
}

function best(hits: Hit[]): readonly Hit[] {
  hits.sort((one, other) => compareRanks(one.rank, other.rank) || byPath(one, other));
  const [first] = hits;
  return first === undefined ? [] : hits.filter(({ rank }) => compareRanks(rank, first.rank) === 0);
}

function byPath(one: Hit, other: Hit): number {
  return one.path.length - other.path.length || (one.path < other.path ? -1 : 1);
}

function foundIn(hits: readonly Hit[]): FoundCode | undefined {
  const [first] = hits;
  if (first === undefined) return undefined;
  return { paths: [...new Set(hits.map(({ path }) => path))], line: first.line, column: first.column };
}

/** 3 where the definition is directly in it, 2 where it is further in, 1 where the file or its folder has its name. */
function containerFit(wanted: string, path: string, containers: readonly string[]): number {
  if (containers[0] === wanted) return 3;
  if (containers.includes(wanted)) return 2;
  const names = path.toLowerCase().split("/").slice(-2);
  return names.some((name) => name.replace(/\.\w+$/, "").replace(/[-_.]/g, "") === wanted) ? 1 : 0;
}

/** Services name their methods in capitals, whatever the language does: `AddItem`, `addItem`, `add_item`. */
function spellingsOf(name: string): readonly string[] {
  const [first = ""] = name;
  const other = first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase();
  const snake = name.replace(/(?<=[a-z\d])(?=[A-Z])/g, "_").toLowerCase();
  return [...new Set([other + name.slice(1), snake])].filter((spelling) => spelling !== name);
}

/** `CartServiceImpl`, `CartServicer` and `cartServer` implement `shop.v1.CartService`. */
function isNamedForService(container: string, service: string): boolean {
  const stem = (text: string): string =>
    text.replace(/(?:service|servicer|server|impl|base|handler|controller|grpc)+$/, "");
  return stem(container) !== "" && stem(container) === stem(lastName(service) ?? "");
}

/** What compilers of service descriptions write. */
const GENERATED = /(?:[._]pb2?|_pb2?_grpc|_grpc_pb|Grpc)(?:\.\w+)+$|\.proto$|(?:^|\/)(?:gen|generated)\//;

/** `routes/cart.ts` and `carts/urls.py` serve `/api/cart/:id`. */
function isNamedAfter(path: string, segments: readonly string[]): boolean {
  const names = path.toLowerCase().split("/").slice(-2).join("/");
  return segments.some((segment) => /^\w{3,}$/.test(segment) && names.includes(segment.replace(/s$/, "")));
}

function isTest(path: string): boolean {
  return (
    /(?:^|\/)(?:tests?|specs?|__tests__)\/|[._-](?:test|spec)\.\w+$|_test\.go$/i.test(path) ||
    baseNameOf(path).startsWith("test_")
  );
}
