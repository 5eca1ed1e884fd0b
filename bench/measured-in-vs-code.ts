import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { get as httpGet } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";

/**
 * Measures inside VS Code, in a folder of its own, and writes what comes out into the file that SPANLIGHT_BENCH_RESULTS
 * names. Nothing is debugged any more afterwards.
 */
export async function measuredInVsCode(measure: (folder: string) => Promise<unknown>): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "spanlight-bench-")));
  try {
    writeFileSync(process.env["SPANLIGHT_BENCH_RESULTS"] ?? "", JSON.stringify(await measure(folder)));
  } catch (error) {
    // VS Code passes on that it failed, and not why.
    console.error(error);
    throw error;
  } finally {
    await vscode.debug.stopDebugging();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a program answers. VS Code has its own ways with `fetch`. */
export function getText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    httpGet(url, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}
