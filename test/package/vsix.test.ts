import { statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { vsixFile } from "../../scripts/vsix.mjs";
import { zipNames } from "./zip-directory.ts";

const names = zipNames(vsixFile).map((name) => name.replace(/^extension\//, ""));

describe("the packaged extension", () => {
  test("is under 6 MB", () => {
    expect(statSync(vsixFile).size).toBeLessThan(6e6);
  });

  test.each([
    "package.json",
    "readme.md",
    "changelog.md",
    "LICENSE.txt",
    "dist/extension.cjs",
    "dist/engine.cjs",
    "dist/agent/preload.cjs",
    "dist/agent/stack-frames.cjs",
    "dist/webview/panel.js",
    "dist/webview/panel-style.css",
    "dist/webview/codicon.ttf",
  ])("holds %s", (name) => {
    expect(names).toContain(name);
  });

  test("holds nothing but the bundles, the media and what the Marketplace shows", () => {
    const expected =
      /^(package\.json|readme\.md|changelog\.md|LICENSE\.txt|dist\/|media\/|extension\.vsixmanifest|\[Content_Types\]\.xml)/;
    expect(names.filter((name) => !expected.test(name))).toEqual([]);
  });

  test.each([
    ["tests", /(^|\/)(test|tests|__tests__|fixtures)\/|\.(test|spec|scene)\./],
    ["source maps", /\.map$/],
    ["TypeScript sources", /\.tsx?$/],
    ["packages of node_modules", /node_modules/],
    ["command, which npm ships", /headless/],
  ])("holds no %s", (_, pattern) => {
    expect(names.filter((name) => pattern.test(name))).toEqual([]);
  });
});
