import { describe, expect, it } from "vitest";
import { locationsOf } from "../../../../src/engine/query/locations.ts";
import { readNodeStack } from "../../../../src/engine/query/stack-node.ts";
import type { Attribute } from "../../../../src/model/span.ts";

function attributes(values: Readonly<Record<string, string | number>>): Attribute[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
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
    const found = locationsOf(
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
    const found = locationsOf(
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
    const found = locationsOf(
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
    const found = locationsOf(
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
    const [found] = locationsOf(attributes({ "code.file.path": "/a.ts", "code.line.number": line }), []);
    expect(found).toEqual({ path: "/a.ts", evidence: "code-attributes" });
  });

  it("hands hostile paths on as they are, for the host to refuse", () => {
    const paths = ["../../etc/passwd", "command:workbench.action.terminal.new"];
    const found = paths.map((path) => locationsOf(attributes({ "code.file.path": path }), [])[0]?.path);
    expect(found).toEqual(paths);
  });

  it("finds nothing in a span that says nothing", () => {
    expect(locationsOf(attributes({ "http.route": "/x" }), [])).toEqual([]);
  });
});

describe("readNodeStack", () => {
  it.each([
    ["at f (/a.js:1:2)", { path: "/a.js", line: 1, column: 2, functionName: "f", own: true }],
    ["at /a.js:1:2", { path: "/a.js", line: 1, column: 2, own: true }],
    ["at async f (/a b/c.js:1:2)", { path: "/a b/c.js", line: 1, column: 2, functionName: "f", own: true }],
    ["at new A (C:\\a.js:1:2)", { path: "C:\\a.js", line: 1, column: 2, functionName: "new A", own: true }],
    ["at <anonymous> (/a.js:1:2)", { path: "/a.js", line: 1, column: 2, own: true }],
    [
      "at Object.x [as y] (/a.js:1:2)",
      { path: "/a.js", line: 1, column: 2, functionName: "Object.x", own: true },
    ],
    ["at http://h:3000/a.js:1:2", { path: "http://h:3000/a.js", line: 1, column: 2, own: true }],
    [
      "at f (/x/node_modules/y/z.js:1:2)",
      { path: "/x/node_modules/y/z.js", line: 1, column: 2, functionName: "f", own: false },
    ],
    ["at f (node:fs:1:2)", { path: "node:fs", line: 1, column: 2, functionName: "f", own: false }],
  ])("reads %s", (line, frame) => {
    expect(readNodeStack(`Error: x\n    ${line}\n`)).toEqual([frame]);
  });

  it.each([
    "at f (native)",
    "at Array.map (<anonymous>)",
    "at async Promise.all (index 0)",
    "at eval (eval at f (/a.js:1:2), <anonymous>:1:1)",
    "meet me at home",
    'File "a.py", line 3, in f',
    `at ${"x".repeat(5000)} (/a.js:1:2)`,
  ])("finds no frame in %s", (line) => {
    expect(readNodeStack(line)).toEqual([]);
  });

  it("gives up on a stack without end", () => {
    expect(readNodeStack("at f (/a.js:1:2)\n".repeat(100_000)).length).toBe(200);
  });
});
