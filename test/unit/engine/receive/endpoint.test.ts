import { expect, test } from "vitest";
import { parseEndpoint } from "../../../../src/engine/receive/endpoint.ts";

const SESSION = "0123456789-abcdefghi_JKLMNOP";

test.each([
  ["/v1/traces", { kind: "export", signal: "traces", sessionId: undefined }],
  ["/v1/metrics?a=/s/x/agent", { kind: "export", signal: "metrics", sessionId: undefined }],
  ["//v1//logs//", { kind: "export", signal: "logs", sessionId: undefined }],
  [`/s/${SESSION}/v1/traces`, { kind: "export", signal: "traces", sessionId: SESSION }],
  [`/s/${SESSION}//v1/logs/`, { kind: "export", signal: "logs", sessionId: SESSION }],
  [`/s/${SESSION}/agent`, { kind: "agent", sessionId: SESSION }],
  ["", undefined],
  ["/", undefined],
  ["/v1", undefined],
  ["/v1/traces/more", undefined],
  ["/V1/Traces", undefined],
  ["/agent", undefined],
  ["/v1/agent", undefined],
  ["http://evil.example/v1/traces", undefined],
  ["/s", undefined],
  ["/s//v1/traces", undefined],
  [`/s/${SESSION}`, undefined],
  [`/s/${SESSION}/`, undefined],
  [`/s/${SESSION}/v2/traces`, undefined],
  [`/s/${SESSION}/agent/more`, undefined],
  ["/s/../v1/traces", undefined],
  ["/s/tooshort/v1/traces", undefined],
  [`/s/${"x".repeat(65)}/v1/traces`, undefined],
  ["/s/%61bcdefghijklmnopqrstuv/v1/traces", undefined],
])("%s is %j", (target, endpoint) => {
  expect(parseEndpoint(target)).toEqual(endpoint);
});
