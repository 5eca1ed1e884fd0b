import { expect, test } from "vitest";
import { OpenRegistrations } from "../../../../src/host/editor/open-registrations.ts";
import type { SourceLookup } from "../../../../src/model/source-location.ts";

const TEXT = `app = Flask(__name__)

@app.get("/cart/<int:id>")
def cart(id):
    return find(id)
`;

function documentOf(text: string, path = "/w/cart.py", version = 1) {
  let reads = 0;
  return {
    version,
    uri: { path },
    getText: () => {
      reads++;
      return text;
    },
    reads: () => reads,
  };
}

const route = (path: string): SourceLookup => ({
  kind: "route",
  method: "GET",
  route: path,
  language: "python",
});

test.each<[string, SourceLookup, boolean]>([
  ["a route that is registered", route("/cart/<id>"), true],
  ["a route that is mounted under a prefix", route("/shop/cart/<id>"), true],
  ["another route", route("/order/<id>"), false],
  ["a route of another language", { ...route("/cart/<id>"), language: "go" }, false],
  ["a function that is defined", { kind: "name", name: "cart" }, true],
  ["another function", { kind: "name", name: "order" }, false],
  ["a query", { kind: "query", text: "select 1" }, false],
])("%s", (_title, lookup, expected) => {
  expect(new OpenRegistrations().mayHold(documentOf(TEXT), lookup)).toBe(expected);
});

test("a document's text is read once a version", () => {
  const registrations = new OpenRegistrations();
  const document = documentOf(TEXT);
  registrations.mayHold(document, route("/cart/<id>"));
  registrations.mayHold(document, route("/order"));
  expect(document.reads()).toBe(1);
  document.version = 2;
  registrations.mayHold(document, route("/cart/<id>"));
  expect(document.reads()).toBe(2);
});

test("a text without end is not read while somebody types", () => {
  const endless = documentOf(TEXT + "#".repeat(600 * 1024));
  expect(new OpenRegistrations().mayHold(endless, route("/cart/<id>"))).toBe(false);
});

test.each<[string, string, SourceLookup, boolean]>([
  ["a route in the program's language", "/w/views.py", route("/cart/<id>"), true],
  ["one in another language", "/w/views.go", route("/cart/<id>"), false],
  [
    "one of a program that does not tell its language",
    "/w/views.py",
    { kind: "route", method: "GET", route: "/" },
    false,
  ],
  ["one in a language of annotations alone", "/w/Cart.dart", { ...route("/cart"), language: "dart" }, false],
  ["a function", "/w/views.py", { kind: "name", name: "cart", language: "python" }, false],
])("the handler may be elsewhere than its route: %s", (_title, path, lookup, expected) => {
  expect(new OpenRegistrations().mayHandle(documentOf("", path), lookup)).toBe(expected);
});
