// @ts-check
// Runs code inside a real VS Code's extension host, the extension loaded from this folder.
import { runTests } from "@vscode/test-electron";
import { build } from "esbuild";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { plainWorkbench } from "../../../scripts/vscode/server.mjs";
import { projectFolder } from "../../../scripts/vsix.mjs";

/**
 * Bundles the files, opens VS Code in a profile of its own and has it call `run()` of the one named `main`.
 * @param {object} options
 * @param {readonly string[]} options.files entry points, relative to the project's folder
 * @param {string} options.main base name, without ending, of the one that exports `run`
 * @param {string} options.workspace absolute path of the folder to open
 * @param {Readonly<Record<string, string>>} [options.env] added to the environment of the extension host
 * @param {boolean} [options.desktop] the VS Code that @vscode/test-electron downloads, instead of the embedded one
 * @returns {Promise<void>} rejects when `run()` does, or when VS Code does not come up
 */
export async function runInVsCode({ files, main, workspace, env = {}, desktop = false }) {
  const outdir = join(projectFolder, "dist-test");
  rmSync(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: projectFolder,
    entryPoints: [...files],
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    sourcemap: "inline",
    external: ["vscode", "mocha"],
    logLevel: "warning",
  });

  // Short, as VS Code's sockets lie in it and their paths are limited to about 100 characters.
  const profile = mkdtempSync(join(tmpdir(), "sl-"));
  mkdirSync(join(profile, "User"), { recursive: true });
  writeFileSync(join(profile, "User", "settings.json"), JSON.stringify(plainWorkbench));
  try {
    await runTests({
      ...(desktop ? {} : { vscodeExecutablePath: fileURLToPath(new URL("launcher.mjs", import.meta.url)) }),
      extensionDevelopmentPath: projectFolder,
      extensionTestsPath: join(outdir, `${main}.cjs`),
      launchArgs: [
        workspace,
        `--user-data-dir=${profile}`,
        `--extensions-dir=${join(profile, "extensions")}`,
      ],
      extensionTestsEnv: { ...process.env, ...env },
    });
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
}
