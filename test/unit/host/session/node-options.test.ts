import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { splitNodeOptions, withRequire } from "../../../../src/host/session/node-options.ts";

const folder = mkdtempSync(join(tmpdir(), "spanlight-options-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("withRequire", () => {
  // Windows has no such names; there a path's backslashes are the case that matters.
  const names =
    process.platform === "win32"
      ? ["plain", "with space"]
      : ["plain", "with space", 'quo"te', "back\\slash", "a \\ b"];
  test.each(names)("makes Node load a script from a folder named %j", (name) => {
    mkdirSync(join(folder, name), { recursive: true });
    const script = join(folder, name, "preload.cjs");
    writeFileSync(script, "console.log('loaded');");
    const env = { ...process.env, NODE_OPTIONS: withRequire("--no-warnings", script) };
    expect(execFileSync(process.execPath, ["-e", "0"], { env, encoding: "utf8" }).trim()).toBe("loaded");
  });

  test("adds to what stands there", () => {
    expect(withRequire("--inspect --no-warnings", "/a/p.cjs")).toBe(
      "--inspect --no-warnings --require /a/p.cjs",
    );
  });

  test.each(["/a/p.cjs", "/a b/p.cjs", "C:\\Users\\x y\\p.cjs", 'C:\\"\\p.cjs'])(
    "adds %j only once",
    (path) => {
      const once = withRequire("", path);
      expect(withRequire(once, path)).toBe(once);
    },
  );

  test("quotes only a path that needs it", () => {
    expect(withRequire("", "/a/p.cjs")).toBe("--require /a/p.cjs");
    expect(withRequire("", "C:\\x\\p.cjs")).toBe('--require "C:\\\\x\\\\p.cjs"');
  });
});

test.each<[string, readonly string[]]>([
  ["", []],
  ["  --a   --b=c ", ["--a", "--b=c"]],
  ['--require "/a b/c.js"', ["--require", "/a b/c.js"]],
  ['"--require=/a \\"b\\".js"', ['--require=/a "b".js']],
  ["C:\\plain\\path", ["C:\\plain\\path"]],
])("splitNodeOptions(%j)", (options, words) => {
  expect(splitNodeOptions(options)).toEqual(words);
});
