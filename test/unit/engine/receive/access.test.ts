import { expect, test } from "vitest";
import { refuseSender } from "../../../../src/engine/receive/access.ts";

const LOCAL = { host: "localhost:4318", origin: undefined, authorization: undefined, peer: "127.0.0.1" };
const REMOTE = { ...LOCAL, host: "192.168.1.7:4318", peer: "192.168.1.20" };

test.each([
  ["this machine", LOCAL, "secret", undefined],
  ["this machine over IPv6", { ...LOCAL, peer: "::1" }, "secret", undefined],
  ["a page of this machine", { ...LOCAL, origin: "http://localhost:5173" }, undefined, undefined],
  ["HTTP/1.0 without a Host", { ...LOCAL, host: undefined }, undefined, undefined],
  ["another machine with the token", { ...REMOTE, authorization: "Bearer secret" }, "secret", undefined],
  [
    "another machine with the token, lower case",
    { ...REMOTE, authorization: "bearer  secret" },
    "secret",
    undefined,
  ],
  ["another machine without a token", REMOTE, "secret", 401],
  ["another machine with another token", { ...REMOTE, authorization: "Bearer secre" }, "secret", 401],
  ["another machine with another scheme", { ...REMOTE, authorization: "Basic secret" }, "secret", 401],
  [
    "another machine that shows nothing after the scheme",
    { ...REMOTE, authorization: "Bearer " },
    "secret",
    401,
  ],
  [
    "a socket that is gone, where only this machine can send",
    { ...LOCAL, peer: undefined },
    undefined,
    undefined,
  ],
  ["a socket that is gone, where others can", { ...LOCAL, peer: undefined }, "secret", 401],
  [
    "a rebound name, token or not",
    { ...REMOTE, host: "evil.example", authorization: "Bearer secret" },
    "secret",
    403,
  ],
  ["a page from elsewhere", { ...LOCAL, origin: "https://evil.example" }, undefined, 403],
  ["a sandboxed page", { ...LOCAL, origin: "null" }, undefined, 403],
])("%s", (_who, sender, token, status) => {
  expect(refuseSender(sender, { boundHost: "0.0.0.0", token })?.status).toBe(status);
});
