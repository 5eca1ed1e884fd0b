import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../../src/engine/receive/limits.ts";

const documentation = readFileSync(
  fileURLToPath(new URL("../../../../docs/protocols.md", import.meta.url)),
  "utf8",
);

/** The row of the table of limits that begins with these words. */
const BEGINNINGS: Readonly<Record<keyof typeof DEFAULT_LIMITS, string>> = {
  maxBodyBytes: "a body after decompression",
  maxPendingBytes: "all bodies that are being received",
  maxHeaderBytes: "a request's line and headers",
  maxConnections: "connections of the HTTP server",
  headersTimeoutMs: "from a new connection",
  requestTimeoutMs: "from a request's first byte",
  keepAliveTimeoutMs: "an idle connection",
};

test.each(Object.entries(DEFAULT_LIMITS))("the documentation tells the default of %s", (name, value) => {
  const beginning = BEGINNINGS[name as keyof typeof DEFAULT_LIMITS];
  const row = documentation.split("\n").find((line) => line.startsWith(`| ${beginning}`));
  const told = row?.split("|").at(-2)?.trim() ?? "";
  expect(valueOf(told)).toBe(value);
});

function valueOf(text: string): number {
  const [, number = "", unit = ""] = /^([\d,]+)(?: (KiB|MiB|s))?$/.exec(text) ?? [];
  const factor = { KiB: 1024, MiB: 1024 * 1024, s: 1000 }[unit] ?? 1;
  return Number(number.replace(",", "")) * factor;
}
