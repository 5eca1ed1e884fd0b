import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/**
 * Makes a folder with these files (path → text, or a value that is written as JSON) and removes it when the process ends.
 * @returns its absolute path
 */
export function temporaryWorkspace(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), "spanlight-workspace-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(
      join(folder, path),
      typeof content === "string" ? content : JSON.stringify(content, undefined, 2),
    );
  }
  if (folders.push(folder) === 1)
    process.on("exit", () => {
      for (const each of folders) rmSync(each, { recursive: true, force: true });
    });
  return folder;
}

const folders: string[] = [];
