import { describe, expect, it } from "vitest";
import type { LocatableSpan } from "../../../../src/engine/query/locatable-span.ts";
import { locationsOf, withFrames } from "../../../../src/engine/query/locations.ts";
import { StackCache } from "../../../../src/engine/query/stack-cache.ts";
import type { SessionId } from "../../../../src/model/ids.ts";
import type { SourceLocation } from "../../../../src/model/source-location.ts";
import type { Attribute, SpanEvent } from "../../../../src/model/span.ts";

function attributes(values: Readonly<Record<string, string | number>>): Attribute[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

const BARE: LocatableSpan = {
  name: "",
  kind: "internal",
  attributes: [],
  events: [],
  resource: [],
  service: "",
  session: undefined,
};

function locations(attributes: readonly Attribute[], events: readonly SpanEvent[]): SourceLocation[] {
  return locationsOf({ ...BARE, attributes, events }, new StackCache());
}

const STACK = [
  "TypeError: no price",
  "    at priceOf (file:///app/src/price.ts:12:9)",
  "    at Array.map (<anonymous>)",
  "    at async Promise.all (index 0)",
  "    at async /app/src/cart.ts:40:3",
  "    at new Cart (/app/src/cart.ts:5:1)",
  "    at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)",
  "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
  "    at Object.pay [as default] (C:\\app\\pay.js:3:7)",
].join("\n");

describe("locationsOf", () => {
  it("reads the code attributes, the present names before the former", () => {
    const found = locations(
      attributes({
        "code.file.path": "/app/a.ts",
        "code.filepath": "/old/a.ts",
        "code.line.number": 3,
        "code.column.number": 5,
        "code.function.name": "Cart.add",
      }),
      [],
    );
    expect(found).toEqual([
      { path: "/app/a.ts", line: 3, column: 5, functionName: "Cart.add", evidence: "code-attributes" },
    ]);
  });

  it("reads the former names", () => {
    const found = locations(
      attributes({
        "code.filepath": "/a.py",
        "code.lineno": "3",
        "code.function": "add",
        "code.namespace": "cart",
      }),
      [],
    );
    expect(found).toEqual([
      { path: "/a.py", line: 3, functionName: "cart.add", evidence: "code-attributes" },
    ]);
  });

  it.each([
    ["call-site", "call-site"],
    ["handler", "handler"],
    ["function", "function"],
    ["route", "code-attributes"],
    ["<script>", "code-attributes"],
  ])("takes the agent's evidence %s for %s", (evidence, expected) => {
    const found = locations(
      attributes({ "code.file.path": "/a.ts", "spanlight.code.evidence": evidence }),
      [],
    );
    expect(found.map((one) => one.evidence)).toEqual([expected]);
  });

  it("puts code attributes before exceptions before the span's stack, each place once", () => {
    const exception = {
      name: "exception",
      offsetNs: 0,
      attributes: attributes({ "exception.stacktrace": STACK }),
    };
    const found = locations(
      attributes({
        "code.stacktrace": "at f (/app/src/last.ts:1:1)\nat g (/app/src/cart.ts:40:3)",
        "code.file.path": "/app/src/first.ts",
        "code.line.number": 1,
      }),
      [exception],
    );
    expect(found.map(({ path, line, evidence }) => `${evidence} ${path}:${line}`)).toEqual([
      "code-attributes /app/src/first.ts:1",
      "exception-frame file:///app/src/price.ts:12",
      "exception-frame /app/src/cart.ts:40",
      "exception-frame /app/src/cart.ts:5",
      "exception-frame C:\\app\\pay.js:3",
      "stack-frame /app/src/last.ts:1",
    ]);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 40])("ignores the line %d", (line) => {
    const [found] = locations(attributes({ "code.file.path": "/a.ts", "code.line.number": line }), []);
    expect(found).toEqual({ path: "/a.ts", evidence: "code-attributes" });
  });

  it("hands hostile paths on as they are, for the host to refuse", () => {
    const paths = ["../../etc/passwd", "command:workbench.action.terminal.new"];
    const found = paths.map((path) => locations(attributes({ "code.file.path": path }), [])[0]?.path);
    expect(found).toEqual(paths);
  });

  it("finds nothing in a span that says nothing", () => {
    expect(locations(attributes({ "url.path": "/x" }), [])).toEqual([]);
  });

  it("tells the session and the service of every place", () => {
    const span = {
      ...BARE,
      attributes: attributes({ "code.file.path": "/a.ts" }),
      session: "abc" as SessionId,
      service: "cart",
    };
    expect(locationsOf(span, new StackCache())).toEqual([
      { path: "/a.ts", evidence: "code-attributes", session: "abc", service: "cart" },
    ]);
  });

  it("puts frames that only their package calls a library's after everything else", () => {
    const stack = "x\n\tat org.apache.A.a(A.java:1)\n\tat com.shop.B.b(B.java:2)";
    const found = locations(attributes({ "code.stacktrace": stack, "http.route": "/b" }), []);
    expect(found.map(({ path, evidence, isLibrary }) => [path, evidence, isLibrary])).toEqual([
      ["com/shop/B.java", "stack-frame", undefined],
      ["", "route", undefined],
      ["org/apache/A.java", "stack-frame", true],
    ]);
  });
});

describe("withFrames", () => {
  it("tells for each frame the part of the text that names its place", () => {
    const event = {
      name: "exception",
      offsetNs: 0,
      attributes: attributes({ "exception.stacktrace": STACK }),
    };
    const { frames = [] } = withFrames(event, BARE, new StackCache());
    const lines = STACK.split("\n");
    const places = frames.map(({ textLine, start, end }) => lines[textLine]?.slice(start, end));
    expect(places).toEqual([
      "file:///app/src/price.ts:12:9",
      "/app/src/cart.ts:40:3",
      "/app/src/cart.ts:5:1",
      "/app/node_modules/express/lib/router/layer.js:95:5",
      "node:internal/process/task_queues:95:5",
      "C:\\app\\pay.js:3:7",
    ]);
    expect(frames.map(({ isLibrary }) => isLibrary)).toEqual([false, false, false, true, true, false]);
  });

  it("leaves an event without a stack as it is", () => {
    const event = { name: "exception", offsetNs: 0, attributes: [] };
    expect(withFrames(event, BARE, new StackCache())).toBe(event);
  });
});
