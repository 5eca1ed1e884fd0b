import { join } from "node:path";
import { expect, test } from "vitest";

import { hasReliableHooks } from "../../../../src/agent/modules/esm-hook.ts";
import { packagePlace } from "../../../../src/agent/modules/module-hook.ts";

test.each([
  [
    "/app/node_modules/pg/lib/client.js",
    { name: "pg", folder: "/app/node_modules/pg", file: "lib/client.js" },
  ],
  [
    "/app/node_modules/.pnpm/@nestjs+core@11/node_modules/@nestjs/core/index.js",
    {
      name: "@nestjs/core",
      folder: "/app/node_modules/.pnpm/@nestjs+core@11/node_modules/@nestjs/core",
      file: "index.js",
    },
  ],
  ["/app/src/index.js", undefined],
  ["/app/node_modules/lonely.js", undefined],
])("%s lies in %o", (file, place) => {
  const native = (path: string): string =>
    join(...path.split("/").map((part, index) => (index === 0 ? "/" : part)));
  expect(packagePlace(native(file))).toEqual(
    place === undefined ? undefined : { ...place, folder: native(place.folder) },
  );
});

test.each([
  ["18.20.8", false],
  ["20.20.2", false],
  ["22.15.0", false],
  ["22.22.2", false],
  ["22.22.3", true],
  ["22.23.0", true],
  ["23.9.0", false],
  ["24.11.0", false],
  ["24.11.1", true],
  ["25.0.0", false],
  ["25.1.0", true],
  ["26.0.0", true],
])("resolve hooks of Node %s are used: %s", (version, reliable) => {
  expect(hasReliableHooks(version)).toBe(reliable);
});
