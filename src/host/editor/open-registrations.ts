import type { SourceLookup } from "../../model/source-location.ts";
import { definitionsOf } from "../source/find-function.ts";
import { bestRoute } from "../source/find-route.ts";
import { routesOf, type FileRoutes } from "../source/registered-routes.ts";
import { extensionOf } from "../source/slash-path.ts";
import { ROUTE_PATTERNS } from "../source/route-patterns.ts";
import { extensionsOf } from "../source/source-extensions.ts";

/** A document of the editor; VS Code's TextDocument has this shape. */
interface OpenDocument {
  readonly version: number;
  readonly uri: { readonly path: string };
  getText(): string;
}

interface Registrations {
  readonly version: number;
  readonly text: string;
  readonly routes: FileRoutes;
  /** Whether a function of this name is defined. */
  readonly defines: Map<string, boolean>;
}

/** Longer ones are not read while somebody types. */
const MAX_TEXT_LENGTH = 512 * 1024;

/** Which handlers open documents may have, each version read once. */
export class OpenRegistrations {
  readonly #known = new WeakMap<OpenDocument, Registrations>();

  mayHold(document: OpenDocument, lookup: SourceLookup): boolean {
    const extension = extensionOf(document.uri.path);
    if (!extensionsOf(lookup.language).includes(extension)) return false;
    const { text, routes, defines } = this.#registrationsOf(document, extension);
    if (lookup.kind === "route")
      return bestRoute(routes, text, extension, lookup.method, lookup.route) !== undefined;
    if (lookup.kind !== "name") return false;
    const known = defines.get(lookup.name) ?? definitionsOf(text, extension, lookup.name).length > 0;
    defines.set(lookup.name, known);
    return known;
  }

  /**
   * Whether it may have the handler of a route that another file registers, as Django's `urls.py` does with the functions of
   * `views.py`: its language is the program's, and has frameworks in which routes name their handlers.
   */
  mayHandle(document: OpenDocument, { kind, language }: SourceLookup): boolean {
    const extension = extensionOf(document.uri.path);
    if (kind !== "route" || language === undefined || !extensionsOf(language).includes(extension))
      return false;
    return ROUTE_PATTERNS[extension]?.some(({ role }) => role === "call") === true;
  }

  #registrationsOf(document: OpenDocument, extension: string): Registrations {
    const { version } = document;
    const known = this.#known.get(document);
    if (known?.version === version) return known;
    const whole = document.getText();
    const text = whole.length > MAX_TEXT_LENGTH ? "" : whole;
    const read = { version, text, routes: routesOf(text, extension), defines: new Map<string, boolean>() };
    this.#known.set(document, read);
    return read;
  }
}
