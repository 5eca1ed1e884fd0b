import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createEngine } from "../../../../src/engine/engine.ts";
import { DEFAULT_REDACTED_KEYS, RedactedKeys } from "../../../../src/engine/decode/redact-keys.ts";
import { isCardNumber, redactText } from "../../../../src/engine/decode/redact-text.ts";
import { jsonRequest, protobufRequest, spanOf, textAttribute } from "../otlp-request.ts";

const onHttp = { sessionId: undefined, channel: "http" } as const;
const text = (value: string) => ({ stringValue: value });

test.each([
  ["authorization", true],
  ["http.request.header.authorization", true],
  ["http.request.header.proxy-authorization", true],
  ["rpc.request.metadata.Cookie", true],
  ["http.response.header.set-cookie", true],
  ["http.response.header.set_cookie", true],
  ["db.password", true],
  ["userPassword", true],
  ["accessToken", true],
  ["X-API-Key", true],
  ["apikey", true],
  ["client_secret", true],
  ["gen_ai.usage.input_tokens", false],
  ["gen_ai.token.type", false],
  ["password.length", false],
  ["http.route", false],
  ["", false],
])("by default, the values of %j are masked: %j", (key, expected) => {
  const keys = new RedactedKeys(DEFAULT_REDACTED_KEYS);
  const bytes = Buffer.from(`..${key}..`);
  const asked = [1, 2, 3].map(() => keys.has(bytes, 2, bytes.length - 2));
  expect(asked).toEqual([expected, expected, expected]);
});

test("verdicts stay right where there are more keys than are remembered", () => {
  const keys = new RedactedKeys(["token"]);
  const all = Array.from({ length: 5000 }, (_, i) => (i % 3 === 0 ? `k${i}.token` : `k${i}.other`));
  for (let round = 0; round < 2; round++) {
    const wrong = all.filter((key) => {
      const bytes = Buffer.from(key);
      return keys.has(bytes, 0, bytes.length) !== key.endsWith("token");
    });
    expect(wrong).toEqual([]);
  }
});

test.each([
  ["4111 1111 1111 1111", "**** **** **** ****"],
  ["paid with 4111111111111111, thanks", "paid with ****************, thanks"],
  ["5500-0000-0000-0004 12/27", "****-****-****-**** 12/27"],
  ["amex 378282246310005.", "amex ***************."],
  ["a 4111111111111111 and a 6011111111111117", "a **************** and a ****************"],
  ["4111111111111112", "4111111111111112"],
  ["order 1700000000000000000", "order 1700000000000000000"],
  ["0.4111111111111111", "0.4111111111111111"],
  ["id_4111111111111111", "id_4111111111111111"],
  ["2026-11-23 13:00:00", "2026-11-23 13:00:00"],
  ["Authorization: Bearer abcdef123456.x-_~+/=", "Authorization: Bearer ********************"],
  ["bearer eyJhbGciOiJIUzI1 rest", "bearer **************** rest"],
  ["the bearer authentication failed", "the bearer authentication failed"],
  ["Grüße, Bearer abc12345", "Grüße, Bearer ********"],
  ["short", "short"],
])("in %j only the secret is masked", (before, after) => {
  for (let shift = 0; shift < 8; shift++) {
    const bytes = Buffer.from(`${" ".repeat(shift)}${before}`);
    redactText(bytes, 0, bytes.length);
    expect(bytes.toString()).toBe(`${" ".repeat(shift)}${after}`);
  }
});

test("numbers of cards are told from other numbers", () => {
  expect([4111111111111111, 4111111111111112, 1700000000000, 42, 1e300].map(isCardNumber)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

const SECRETS = [
  textAttribute("http.route", "/cart"),
  {
    key: "http.request.header.authorization",
    value: { arrayValue: { values: [text("Basic a"), text("Basic bc")] } },
  },
  { key: "pin.secret", value: { intValue: "1234" } },
  { key: "weight.secret", value: { doubleValue: 1.5 } },
  { key: "is.secret", value: { boolValue: true } },
  { key: "card", value: { intValue: "4111111111111111" } },
  {
    key: "config",
    value: { kvlistValue: { values: [textAttribute("password", "hunter2"), textAttribute("user", "ann")] } },
  },
  { key: "key.private-key", value: { bytesValue: Buffer.from("abc").toString("base64") } },
];

const MASKED = [
  { key: "http.route", value: text("/cart") },
  {
    key: "http.request.header.authorization",
    value: { arrayValue: { values: [text("*******"), text("********")] } },
  },
  { key: "pin.secret", value: text("*") },
  { key: "weight.secret", value: text("*******") },
  { key: "is.secret", value: { boolValue: true } },
  { key: "card", value: text("*******") },
  {
    key: "config",
    value: { kvlistValue: { values: [textAttribute("password", "*******"), textAttribute("user", "ann")] } },
  },
  { key: "key.private-key", value: { bytesValue: Buffer.from("***").toString("base64") } },
];

test("what a span, its events and links, its scope and resource hold is masked before it is stored", () => {
  const span = {
    ...spanOf(1, { attributes: SECRETS }),
    events: [{ name: "e", attributes: SECRETS }],
    links: [{ traceId: "1".repeat(32), spanId: "2".repeat(16), attributes: SECRETS }],
  };
  const scopeSpans = [{ scope: { name: "s", attributes: SECRETS }, spans: [span] }];
  const request = { resourceSpans: [{ resource: { attributes: SECRETS }, scopeSpans }] };
  const engine = createEngine();
  engine.sink.traces(Buffer.from(JSON.stringify(request)), "json", onHttp);
  const exported = JSON.parse(Buffer.from(engine.exportTraces({}).json).toString());
  const [resourceSpans] = exported.resourceSpans;
  const [scope] = resourceSpans.scopeSpans;
  expect(resourceSpans.resource.attributes).toEqual(MASKED);
  expect(scope.scope.attributes).toEqual(MASKED);
  expect(scope.spans[0].attributes).toEqual(MASKED);
  expect(scope.spans[0].events[0].attributes).toEqual(MASKED);
  expect(scope.spans[0].links[0].attributes).toEqual(MASKED);
});

test.each([
  ["json", jsonRequest],
  ["protobuf", protobufRequest],
] as const)("what a status tells, and trace states, are masked in %s", (encoding, make) => {
  const secret = "401 for Bearer abcd1234efgh, card 4111111111111111";
  const masked = `401 for Bearer ${"*".repeat(12)}, card ${"*".repeat(16)}`;
  const status = { code: 2, message: secret };
  const links = [{ traceState: secret }];
  const harmless = { status: { code: 2, message: "connection refused" }, traceState: "vendor=t61rcWkgMzE" };
  const engine = createEngine();
  const spans = [
    { ...spanOf(1), status, traceState: secret, links },
    { ...spanOf(2), ...harmless },
  ];
  const body = make(spans);
  engine.sink.traces(body, encoding, onHttp);
  const exported = JSON.parse(Buffer.from(engine.exportTraces({}).json).toString());
  const held = exported.resourceSpans[0].scopeSpans[0].spans;
  expect(held[0]).toMatchObject({
    status: { code: 2, message: masked },
    traceState: masked,
    links: [{ traceState: masked }],
  });
  expect(held[1]).toMatchObject(harmless);
  // It is what goes to the log.
  if (encoding === "protobuf") expect(Buffer.from(body).includes("4111111111111111")).toBe(false);
});

test("other keys are masked where these are configured, and none where it is switched off", () => {
  const stored = (redaction: { enabled: boolean; keys: string[] }) => {
    const engine = createEngine();
    engine.configure({ maxBytes: 1e8, redaction });
    const attributes = [textAttribute("app.customer.email", "ann@example"), textAttribute("token", "abc")];
    engine.sink.traces(protobufRequest([spanOf(1, { attributes })]), "protobuf", onHttp);
    return Buffer.from(engine.exportTraces({}).json).toString();
  };
  const other = stored({ enabled: true, keys: ["customer.email"] });
  expect([other.includes("ann@example"), other.includes('"abc"')]).toEqual([false, true]);
  const off = stored({ enabled: false, keys: ["token"] });
  expect([off.includes("ann@example"), off.includes('"abc"')]).toEqual([true, true]);
});

test("a resource that nests without end, or is cut off, costs itself", () => {
  let nested = Buffer.from([0x0a, 0x00]);
  const wrap = (tag: number, inner: Buffer) =>
    Buffer.concat([Buffer.from([tag]), varint(inner.length), inner]);
  for (let level = 0; level < 20_000; level++) nested = wrap(0x2a, wrap(0x0a, nested));
  const attribute = wrap(0x0a, Buffer.concat([wrap(0x0a, Buffer.from("token")), wrap(0x12, nested)]));
  const engine = createEngine();
  const whole = protobufRequest([spanOf(1)]);
  const resourceSpans = whole.subarray((whole[1] ?? 0) < 0x80 ? 2 : 3);
  // The last resource of a ResourceSpans message is the one that counts.
  const deep = wrap(0x0a, Buffer.concat([resourceSpans, wrap(0x0a, attribute)]));
  const cut = wrap(0x0a, Buffer.concat([resourceSpans, wrap(0x0a, Buffer.from([0x0a, 0x7f, 0x0a]))]));
  for (const body of [deep, cut]) {
    expect(engine.sink.traces(body, "protobuf", onHttp)).toMatchObject({
      acceptedCount: 1,
      malformed: false,
    });
  }
});

test("the keys in package.json are those of the engine", () => {
  const { contributes } = JSON.parse(
    readFileSync(new URL("../../../../package.json", import.meta.url), "utf8"),
  );
  expect(contributes.configuration.properties["spanlight.redaction.keys"].default).toEqual(
    DEFAULT_REDACTED_KEYS,
  );
});

test("JSON and protobuf are masked alike", () => {
  const attributes = [textAttribute("token", "abcdef"), textAttribute("note", "Bearer abcdef123")];
  const [json, protobuf] = (["json", "protobuf"] as const).map((encoding) => {
    const engine = createEngine();
    const make = encoding === "json" ? jsonRequest : protobufRequest;
    engine.sink.traces(make([spanOf(1, { attributes })]), encoding, onHttp);
    return Buffer.from(engine.exportTraces({}).json).toString();
  });
  expect(json).toBe(protobuf);
  expect(json).not.toContain("abcdef");
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}
