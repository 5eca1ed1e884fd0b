import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder of the test's own that is removed when it ends. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "spanlight-log-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** All segment files below a log folder, the oldest first. */
export async function segmentFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith(".segment"))
    .sort()
    .map((name) => join(folder, name));
}
