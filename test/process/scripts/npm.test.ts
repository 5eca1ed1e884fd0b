import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { environmentOutsideNpm, installationFits, runToEnd } from "../../../scripts/npm.mjs";

const locked = {
  "": {},
  "node_modules/a": { version: "1.0.0" },
  "node_modules/b": { version: "2.0.0", optional: true },
};

test.each([
  ["no node_modules at all", locked, undefined, false],
  ["every package in its version", locked, { "node_modules/a": { version: "1.0.0" } }, true],
  ["a package in another version", locked, { "node_modules/a": { version: "1.0.1" } }, false],
  ["a package missing", locked, {}, false],
])("an installation with %s: fits is %s", (_, wanted, installed, fits) => {
  const folder = mkdtempSync(join(tmpdir(), "spanlight-lock-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages: wanted }));
  if (installed !== undefined) {
    mkdirSync(join(folder, "node_modules"));
    writeFileSync(
      join(folder, "node_modules", ".package-lock.json"),
      JSON.stringify({ packages: installed }),
    );
  }
  expect(installationFits(folder)).toBe(fits);
});

test("a child npm does not inherit what the outer npm says of its own package", () => {
  process.env["npm_package_name"] = "outer";
  process.env["npm_config_prefix"] = "/outer";
  onTestFinished(() => {
    delete process.env["npm_package_name"];
    delete process.env["npm_config_prefix"];
  });
  const inherited = environmentOutsideNpm({ EXTRA: "1" });
  expect(Object.keys(inherited)).toEqual(expect.arrayContaining(["PATH", "EXTRA"]));
  expect(Object.keys(inherited).filter((name) => /^npm_(package|config_prefix)/.test(name))).toEqual([]);
});

test.each([
  [
    "its exit code and both outputs",
    "console.log('out'); console.error('err'); process.exit(3)",
    3,
    /out[^]*err/,
  ],
  ["124 and a word when the limit ended it", "setInterval(() => {}, 1000)", 124, /ended after 1 s/],
])("a command that is run gives %s", async (_, script, code, printed) => {
  const result = await runToEnd(process.execPath, ["-e", script], {
    cwd: tmpdir(),
    limitMs: code === 124 ? 1_000 : 60_000,
  });
  expect(result.code).toBe(code);
  expect(result.output).toMatch(printed);
});
