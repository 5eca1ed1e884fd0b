// @ts-check
// The build and the package made of it, made again only when something that goes into them changed. Node's own modules only.
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runToEnd } from "./npm.mjs";
import { task } from "./progress.mjs";

/** The project's folder, with a separator at its end. */
export const projectFolder = fileURLToPath(new URL("..", import.meta.url));

/** The package that `makeVsix` leaves. */
export const vsixFile = join(projectFolder, "dist", "spanlight.vsix");

const inputs = [
  "src",
  "webview",
  "media",
  "scripts/build.mjs",
  "scripts/build-agent.mjs",
  "package.json",
  "package-lock.json",
  ".vscodeignore",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
];

/** What .vscodeignore chooses from. */
const shipped = ["package.json", ".vscodeignore", "README.md", "CHANGELOG.md", "LICENSE", "media", "dist"];

/** Lies in dist, which every build empties: a build by other means makes it stale. */
const stampFile = join(projectFolder, "dist", ".inputs");

/** Builds dist/ and dist/spanlight.vsix, unless they are there and made of the same inputs. */
export async function makeVsix() {
  const stamp = fingerprint();
  const made = existsSync(vsixFile) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp;
  if (made) return;
  await task("Building", () => node("scripts/build.mjs", projectFolder));
  await task("Packaging dist/spanlight.vsix", packageStaged);
  writeFileSync(stampFile, stamp);
}

/**
 * Packages a copy of what may ship: in this folder vsce would walk through everything that is installed and cached
 * before it looks at .vscodeignore, which takes it half a minute.
 */
async function packageStaged() {
  const stage = mkdtempSync(join(tmpdir(), "spanlight-package-"));
  try {
    for (const name of shipped) cpSync(join(projectFolder, name), join(stage, name), { recursive: true });
    await node(
      "node_modules/@vscode/vsce/vsce",
      stage,
      "package",
      "--no-dependencies",
      "--allow-missing-repository",
      "--no-rewrite-relative-links",
      "-o",
      vsixFile,
    );
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** A hash over names and contents of all inputs. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const file of inputs.flatMap(filesIn).sort()) {
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(projectFolder, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

/**
 * @param {string} path in the project; may be missing
 * @returns {string[]}
 */
function filesIn(path) {
  const status = statSync(join(projectFolder, path), { throwIfNoEntry: false });
  if (status === undefined) return [];
  if (!status.isDirectory()) return [path];
  return readdirSync(join(projectFolder, path)).flatMap((name) => filesIn(`${path}/${name}`));
}

/** @param {string} script @param {string} cwd @param {...string} args */
async function node(script, cwd, ...args) {
  const { code, output } = await runToEnd(process.execPath, [join(projectFolder, script), ...args], { cwd });
  if (code !== 0) throw new Error(`${script} ended with code ${String(code)}\n${output}`);
}
