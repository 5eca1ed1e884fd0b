import assert from "node:assert/strict";
import { createEngine } from "../../src/engine/engine.ts";
import { protobufRequest, spanOf, type JsonSpan } from "../unit/engine/otlp-request.ts";
import { SPAN_JSON, SPAN_MESSAGE, spanMessageOf } from "./bodies.ts";
import { isJson } from "./decode-targets.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import { mutateJson } from "./mutate-json.ts";
import { fieldOf, mutateProtobuf } from "./mutate-protobuf.ts";
import type { Fate, Target } from "./target.ts";

/** None of these may be in anything that is kept. */
const SECRETS = ["hunter2hunter2", "4111111111111111", "c2VjcmV0LXRva2Vu"] as const;
const [PASSWORD, CARD, TOKEN] = SECRETS;

const secretAttributes = [
  { key: "user.password", value: { stringValue: PASSWORD } },
  { key: "note", value: { stringValue: `paid with ${CARD}, thanks` } },
  { key: "http.request.header.authorization", value: { arrayValue: { values: [{ stringValue: TOKEN }] } } },
  { key: "message", value: { stringValue: `Authorization: Bearer ${TOKEN}` } },
];
const secretSpan = (id: number): JsonSpan => spanOf(id, { attributes: secretAttributes });

const [BEFORE, AFTER] = [1, 2].map((id) => spanMessageOf(protobufRequest([secretSpan(id)]))) as [
  Uint8Array,
  Uint8Array,
];

/** Whatever stands beside them, the secrets of spans are masked in what is kept. */
export function redactionTargets(): readonly Target[] {
  const engine = createEngine({ maxBytes: 4 * 1024 * 1024 });
  const take = (body: Uint8Array, encoding: "protobuf" | "json"): Fate => {
    const { malformed, rejectedCount } = engine.sink.traces(body, encoding, {
      sessionId: undefined,
      channel: "http",
    });
    if (encoding === "protobuf") assertMasked(body, "before it is logged");
    return malformed || rejectedCount > 0 ? "refused" : "accepted";
  };
  const kept: Pick<Target, "look" | "renew"> = {
    look: () => assertMasked(engine.exportTraces({}).json, "in what is kept"),
    renew: () => engine.clearStore({ keepPinned: false }),
  };

  return [
    {
      name: "secrets of spans, protobuf",
      ...kept,
      make: (random) =>
        random.chance(0.5) ? mutateProtobuf(SPAN_MESSAGE, random) : mutateBytes(SPAN_MESSAGE, random),
      check(input) {
        const spans = [BEFORE, input, AFTER].map((span) => fieldOf(0x12, span));
        return take(fieldOf(0x0a, fieldOf(0x12, joined(...spans))), "protobuf");
      },
    },
    {
      name: "secrets of spans, JSON",
      ...kept,
      make: (random) => new TextEncoder().encode(mutateJson(mutateJson(SPAN_JSON, random), random)),
      check(input) {
        const text = Buffer.from(input).toString();
        if (!isJson(input)) return "refused";
        const spans = [JSON.stringify(secretSpan(1)), text, JSON.stringify(secretSpan(2))];
        return take(
          new TextEncoder().encode(`{"resourceSpans":[{"scopeSpans":[{"spans":[${spans.join()}]}]}]}`),
          "json",
        );
      },
    },
  ];
}

function assertMasked(bytes: Uint8Array, where: string): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const secret of SECRETS) assert.ok(!buffer.includes(secret), `${secret} is masked ${where}`);
}
