import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkSignalJson, checkSignalProtobuf } from "../../../../src/engine/decode/signal-envelope.ts";

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(" ", ""), "hex");

describe("protobuf", () => {
  test.each([
    ["nothing", "", 0],
    ["one empty item", "0a04 1202 1200", 1],
    ["two items in one scope, one in another", "0a0c 1206 1202 1001 1200 1202 1200", 3],
    ["items beside fields that are unknown", "9a0600 0a09 9a0600 1204 1202 0801", 1],
  ])("%s is well formed", (_what, hex, itemCount) => {
    expect(checkSignalProtobuf(bytes(hex), "metrics")).toEqual({ itemCount, malformed: false, message: "" });
  });

  test.each([
    ["text", Buffer.from("{}").toString("hex")],
    ["a length that is cut off", "0a"],
    ["a resource longer than the body", "0a05 1200"],
    ["a scope longer than its resource", "0a02 1203 1200"],
    ["an item longer than its scope, inside the body", "0a06 1202 1203 0801"],
    ["an item that is no message", "0a05 1203 1201 07"],
    ["a field numbered 0", "0001"],
    ["a varint that does not end", "08ffffffffffffffffffffff"],
  ])("%s is malformed", (_what, hex) => {
    expect(checkSignalProtobuf(bytes(hex), "logs")).toMatchObject({
      malformed: true,
      message: expect.stringContaining("logs"),
    });
  });
});

describe("JSON", () => {
  const metrics = (value: unknown) => checkSignalJson(Buffer.from(JSON.stringify(value)), "metrics");

  test.each([
    ["an empty request", {}, 0],
    ["an empty list", { resourceMetrics: [] }, 0],
    ["two metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics: [{}, {}] }, {}] }, {}] }, 2],
    ["fields that are unknown", { more: 1, resourceMetrics: [{ more: [], scopeMetrics: null }] }, 0],
  ])("%s is well formed", (_what, value, itemCount) => {
    expect(metrics(value)).toEqual({ itemCount, malformed: false, message: "" });
  });

  test.each([
    ["a list", []],
    ["a number", 1],
    ["null", null],
    ["an object instead of a list", { resourceMetrics: {} }],
    ["a text instead of a resource", { resourceMetrics: ["x"] }],
    ["a number instead of metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics: 1 }] }] }],
  ])("%s is malformed", (_what, value) => expect(metrics(value).malformed).toBe(true));

  test.each([
    ["text that ends early", "{", true],
    ["bytes that are no UTF-8", "\xff", true],
    ["nothing", "", true],
    ["deep nesting in what is not looked at", `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, false],
    ["deep nesting that ends early", "[".repeat(100_000), true],
  ])("%s: malformed is %s", (_what, text, malformed) => {
    expect(checkSignalJson(Buffer.from(text, "latin1"), "logs").malformed).toBe(malformed);
  });

  const examples = new URL("../../../../../shared/conformance/otlp/", import.meta.url);
  test.skipIf(!existsSync(examples)).each([
    ["metrics", 4],
    ["logs", 1],
  ] as const)(
    "the example %s.json of the specification has its items (skipped without ../shared)",
    (signal, count) => {
      expect(checkSignalJson(readFileSync(new URL(`${signal}.json`, examples)), signal).itemCount).toBe(
        count,
      );
    },
  );
});
