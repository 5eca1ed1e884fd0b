import { sep } from "node:path";
import { fileURLToPath } from "node:url";

const ownFolder = __dirname + sep;
const verdicts = new Map<string, boolean>();

/** Whether V8's name of a script (a path or a URL) is a file of the person: not a dependency, not Node's, not this agent's. */
export function isUserFile(scriptName: string): boolean {
  const known = verdicts.get(scriptName);
  if (known !== undefined) return known;
  const verdict = judge(scriptName);
  // Names can be made up without end, by eval and by query strings; real programs stay far below.
  if (verdicts.size > 20_000) verdicts.clear();
  verdicts.set(scriptName, verdict);
  return verdict;
}

function judge(scriptName: string): boolean {
  if (/^(?:node|wasm|evalmachine|data|blob|https?|internal)\b[:.]/.test(scriptName)) return false;
  const path = toFilePath(scriptName);
  if (!path.includes("/") && !path.includes("\\")) return false;
  if (/[\\/]node_modules[\\/]/.test(path) || /[\\/]\.(?:pnp|yarn)[\\/.]/.test(path)) return false;
  // js-debug's bootloader is preloaded into every program that is started with F5.
  if (/[\\/]ms-vscode\.js-debug/.test(path)) return false;
  return !path.startsWith(ownFolder);
}

/** A script name as a path on disk: file URLs are converted, their query (`?t=…` of loaders) is dropped. */
export function toFilePath(scriptName: string): string {
  if (!scriptName.startsWith("file:")) return scriptName;
  try {
    return fileURLToPath(scriptName.replace(/[?#].*$/, ""));
  } catch {
    return scriptName;
  }
}
