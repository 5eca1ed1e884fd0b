import { describe, expect, test } from "vitest";
import {
  isAllowedHost,
  isLoopbackAddress,
  isLoopbackBinding,
  isLoopbackOrigin,
} from "../../../../src/engine/receive/loopback.ts";

describe("the Host header", () => {
  test.each([
    "localhost",
    "LOCALHOST:4318",
    "shop.localhost:4318",
    "127.0.0.1",
    "127.0.0.1:65535",
    "192.168.1.7:4318",
    "[::1]",
    "[::1]:4318",
    "[fe80::1]:4318",
    "devbox:4318",
    "DevBox",
  ])("%s is answered", (host) => expect(isAllowedHost(host, "devbox")).toBe(true));

  test.each([
    "",
    "evil.example",
    "evil.example:4318",
    "localhost.evil.example",
    "evillocalhost",
    "127.0.0.1.evil.example",
    "127.0.0.1:4318:evil",
    "localhost:port",
    "[::1",
    "[evil.example]",
    "::1",
    "user@localhost",
    "localhost evil.example",
    "devbox.evil.example",
    "0x7f000001",
    "2130706433",
    "127.1",
  ])("%j is not", (host) => expect(isAllowedHost(host, "devbox")).toBe(false));
});

describe("the Origin header", () => {
  test.each([
    "http://localhost",
    "http://localhost:5173",
    "https://shop.localhost:8443",
    "http://127.0.0.1:3000",
    "http://127.9.9.9",
    "http://[::1]:3000",
  ])("%s is a page of this machine", (origin) => expect(isLoopbackOrigin(origin)).toBe(true));

  test.each([
    "",
    "null",
    "https://evil.example",
    "http://localhost.evil.example",
    "http://localhost@evil.example",
    "http://evil.example/localhost",
    "http://evil.example?http://localhost",
    "http://192.168.1.7:3000",
    "vscode-webview://0123",
    "file://",
    "chrome-extension://localhost",
    "localhost:3000",
  ])("%j is not", (origin) => expect(isLoopbackOrigin(origin)).toBe(false));
});

test.each([
  ["127.0.0.1", true],
  ["127.255.0.3", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["::ffff:10.0.0.1", false],
  ["10.0.0.1", false],
  ["0.0.0.0", false],
  ["::", false],
  ["fe80::1", false],
  ["127.0.0.1.evil.example", false],
])("the address %s is this machine: %s", (address, expected) => {
  expect(isLoopbackAddress(address)).toBe(expected);
  expect(isLoopbackBinding(address)).toBe(expected);
});

test.each([
  ["localhost", true],
  ["Localhost", true],
  ["devbox", false],
  ["", false],
])("listening on %j stays on this machine: %s", (host, expected) => {
  expect(isLoopbackBinding(host)).toBe(expected);
});
