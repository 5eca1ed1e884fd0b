import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../../scripts/vscode/install.mjs";
import { projectFolder } from "../../../scripts/vsix.mjs";

const run = promisify(execFile);
const tools = join(cacheFolder, "polyglot");
const requirements = join(projectFolder, "examples", "polyglot", "pricing", "requirements.txt");
const DEBUGPY = "debugpy==1.8.22";
const DELVE = "github.com/go-delve/delve/cmd/dlv@v1.27.2";

export interface PolyglotTools {
  /** A Python that has debugpy and what examples/polyglot needs. */
  readonly python: string;
  /** Delve, the debug adapter of Go. */
  readonly dlv: string;
}

/** Why the services in Python and Go cannot be started here; undefined where they can. */
export async function polyglotMissing(): Promise<string | undefined> {
  for (const [command, args] of [
    ["python3", ["-c", "import venv, ensurepip"]],
    ["go", ["version"]],
  ] as const) {
    const found = await run(command, args).then(
      () => true,
      () => false,
    );
    if (!found) return `as ${command} is not on this machine, or not whole`;
  }
  return undefined;
}

/** Installs what the services in Python and Go need, once; both languages must be there. */
export async function installPolyglot(): Promise<PolyglotTools> {
  const venv = join(tools, "venv");
  const wanted = createHash("sha256")
    .update(readFileSync(requirements))
    .update(DEBUGPY)
    .update(DELVE)
    .digest("hex");
  const done = join(tools, ".done");
  const installed = { python: join(venv, "bin", "python"), dlv: join(tools, "bin", "dlv") };
  if (existsSync(done) && readFileSync(done, "utf8") === wanted) return installed;
  rmSync(tools, { recursive: true, force: true });
  mkdirSync(join(tools, "bin"), { recursive: true });
  await run("python3", ["-m", "venv", venv]);
  await run(installed.python, ["-m", "pip", "install", "--quiet", "-r", requirements, DEBUGPY]);
  await run("go", ["install", DELVE], { env: { ...process.env, GOBIN: join(tools, "bin") } });
  writeFileSync(done, wanted);
  return installed;
}
