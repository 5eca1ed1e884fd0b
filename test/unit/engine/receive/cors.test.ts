import { describe, expect, test } from "vitest";
import { openTestReceiver } from "./open-test-receiver.ts";
import { ask } from "./raw-http.ts";

const ORIGIN = "http://localhost:5173";

describe("a page of this machine", () => {
  test("is told by the preflight what it may send", async () => {
    const { url } = await openTestReceiver();
    const reply = await ask(`${url}/v1/traces`, {
      method: "OPTIONS",
      headers: {
        origin: ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-team",
        "access-control-request-private-network": "true",
      },
    });
    expect(reply.status).toBe(204);
    expect(reply.headers).toMatchObject({
      "access-control-allow-origin": ORIGIN,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "content-type,x-team",
      "access-control-allow-private-network": "true",
      vary: "Origin",
    });
  });

  test.each([
    ["success", "{}", 200],
    ["failure", undefined, 415],
  ])("may read the reply of a %s", async (_what, body, status) => {
    const { url } = await openTestReceiver();
    const type = body === undefined ? "text/plain" : "application/json";
    const headers = { origin: ORIGIN, "content-type": type };
    const reply = await ask(`${url}/v1/traces`, { headers, body: body ?? "" });
    expect(reply.status).toBe(status);
    expect(reply.headers["access-control-allow-origin"]).toBe(ORIGIN);
  });

  test("gets no header back that is no list of names", async () => {
    const { url } = await openTestReceiver();
    const headers = { origin: ORIGIN, "access-control-request-headers": "a: b; c" };
    const reply = await ask(`${url}/v1/traces`, { method: "OPTIONS", headers });
    expect(reply.headers).not.toHaveProperty("access-control-allow-headers");
  });
});

test.each([["https://evil.example"], ["null"], ["vscode-webview://1234"]])(
  "a page of %s gets its preflight refused",
  async (origin) => {
    const { url } = await openTestReceiver();
    const headers = { origin, "access-control-request-method": "POST" };
    const reply = await ask(`${url}/v1/traces`, { method: "OPTIONS", headers });
    expect(reply.status).toBe(403);
    expect(reply.headers).not.toHaveProperty("access-control-allow-origin");
  },
);

test("OPTIONS without an Origin tells the methods", async () => {
  const { url } = await openTestReceiver();
  const reply = await ask(`${url}/v1/logs`, { method: "OPTIONS" });
  expect([reply.status, reply.headers.allow]).toEqual([204, "POST, OPTIONS"]);
});
