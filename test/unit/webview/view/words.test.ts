import { describe, expect, it } from "vitest";
import type { RunNumber, SessionId } from "../../../../src/model/ids.ts";
import type { AgentProcess, InjectionNote, Session } from "../../../../src/model/session.ts";
import type { AttributeValue } from "../../../../src/model/span.ts";
import {
  attributeText,
  filterAttributes,
  isSearchable,
  valueText,
} from "../../../../webview/view/attribute-words.ts";
import { keyAction } from "../../../../webview/view/keys.ts";
import { agentWords, environmentText, noteWords } from "../../../../webview/view/session-words.ts";
import { plural, serviceRoute } from "../../../../webview/view/trace-words.ts";

describe("valueText", () => {
  it.each<[AttributeValue, string, boolean]>([
    ["text", "text", true],
    [42, "42", true],
    [true, "true", true],
    [{ int: "9223372036854775807" }, "9223372036854775807", true],
    [{ bytes: "AQI=" }, "AQI=", false],
    [{ list: ["a", 1] }, '["a",1]', false],
    [{ map: [{ key: "__proto__", value: "x" }] }, '{"__proto__":"x"}', false],
    [{ empty: true }, "", false],
  ])("writes %j as %s", (value, expected, searchable) => {
    expect(valueText(value)).toBe(expected);
    expect(isSearchable(value)).toBe(searchable);
  });
});

describe("filterAttributes", () => {
  const attributes = [
    { key: "db.system", value: "postgresql" },
    { key: "http.route", value: "/Cart" },
  ];
  it.each([
    ["", ["db.system", "http.route"]],
    ["DB", ["db.system"]],
    ["cart", ["http.route"]],
    ["nothing", []],
  ])("finds %j in keys and values", (text, expected) => {
    expect(filterAttributes(attributes, text).map(({ key }) => key)).toEqual(expected);
  });
  it("reads one attribute's text", () => {
    expect(attributeText(attributes, "http.route")).toBe("/Cart");
    expect(attributeText(attributes, "missing")).toBeUndefined();
  });
});

describe("noteWords", () => {
  const session: Session = {
    id: "abcdefghijklmnopqrstuv" as SessionId,
    run: 1 as RunNumber,
    name: "api",
    type: "ruby",
    request: "launch",
    active: true,
    notes: [],
  };
  const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };
  it.each<[InjectionNote, string, boolean]>([
    [{ kind: "attached", variables }, "attached to a program", true],
    [{ kind: "untrusted" }, "not trusted", false],
    [{ kind: "disabled" }, "switched off", false],
    [{ kind: "excluded" }, "settings exclude", false],
    [{ kind: "unknown-type", variables }, "debug type ruby", true],
    [{ kind: "not-instrumented", variables }, "cannot be instrumented", true],
    [
      { kind: "kept-own", names: ["OTEL_SERVICE_NAME", "NODE_OPTIONS"] },
      "OTEL_SERVICE_NAME, NODE_OPTIONS",
      false,
    ],
  ])("says what %j means, and which variables help", (note, part, hasVariables) => {
    const words = noteWords(session, note);
    expect(words.text).toContain(part);
    expect(words.variables !== undefined).toBe(hasVariables);
  });

  it("writes variables as lines to paste", () => {
    expect(environmentText({ A: "1", B: "x=y" })).toBe("A=1\nB=x=y");
  });
});

describe("agentWords", () => {
  const agent: AgentProcess = {
    sessionId: undefined,
    pid: 7,
    runtime: "node",
    runtimeVersion: "v24.1.0",
    service: "api",
    ownSdk: false,
    connected: true,
    spanCount: 0,
  };
  it.each<[Partial<AgentProcess>, string]>([
    [{}, "api (process 7, Node 24.1.0) is attached, no request yet."],
    [{ ownSdk: true }, "api (process 7, Node 24.1.0) has its own OpenTelemetry SDK: receiving from it."],
    [{ spanCount: 1234 }, "api (process 7, Node 24.1.0) is attached: 1,234 spans."],
    [
      { connected: false, spanCount: 1, service: "" },
      "a program (process 7, Node 24.1.0) has ended after 1 span.",
    ],
  ])("tells %j", (change, expected) => {
    expect(agentWords({ ...agent, ...change })).toBe(expected);
  });
});

describe("serviceRoute and plural", () => {
  it.each([
    [[], "unknown service"],
    [["api"], "api"],
    [["api", "cart", "payment"], "api → cart, payment"],
  ])("writes %j as %s", (services, expected) => {
    expect(serviceRoute(services)).toBe(expected);
  });
  it("counts", () => {
    expect([plural(0, "span"), plural(1, "span"), plural(1000, "span")]).toEqual([
      "0 spans",
      "1 span",
      "1,000 spans",
    ]);
  });
});

describe("keyAction", () => {
  const press = (key: string, more: { readonly ctrlKey?: boolean; readonly altKey?: boolean } = {}) =>
    keyAction({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });
  it.each([
    ["ArrowUp", "parent"],
    ["j", "next-trace"],
    ["N", "previous-hit"],
    ["Enter", "source"],
    [" ", "zoom-span"],
    ["?", "help"],
    ["x", undefined],
  ])("takes %j for %s", (key, expected) => {
    expect(press(key)).toBe(expected);
  });
  it("leaves VS Code's own combinations alone", () => {
    expect(press("p", { ctrlKey: true })).toBeUndefined();
    expect(press("ArrowUp", { altKey: true })).toBeUndefined();
    expect(press("Enter", { ctrlKey: true })).toBe("source-focus");
  });
});
