import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { headlessBundle } from "../../scripts/build-headless.mjs";
import { runToEnd } from "../../scripts/npm.mjs";

test(
  "what npm packs installs without anything else, and its command runs",
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "spanlight-package-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [source, user] = [join(folder, "source"), join(folder, "user")];
    for (const file of ["package.json", "README.md", "LICENSE"]) cpSync(file, join(source, file));
    await build({ ...headlessBundle, outdir: join(source, "dist"), logLevel: "warning" });
    expect(
      await runToEnd("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: source }),
    ).toMatchObject({ code: 0 });
    const archive = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "no archive";

    cpSync(join(folder, archive), join(user, archive));
    writeFileSync(join(user, "package.json"), "{}");
    const installing = ["install", "--offline", "--no-audit", "--no-fund", `./${archive}`];
    expect(await runToEnd("npm", installing, { cwd: user })).toMatchObject({ code: 0 });
    const installed = readdirSync(join(user, "node_modules")).filter((name) => !name.startsWith("."));
    expect(installed).toEqual(["spanlight"]);
    const { code, output } = await runToEnd("npx", ["--no-install", "spanlight", "--help"], { cwd: user });
    expect(code).toBe(0);
    expect(output).toContain("spanlight serve");
  },
);
