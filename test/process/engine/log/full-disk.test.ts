import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createEngine, type Engine } from "../../../../src/engine/engine.ts";
import { protobufRequest, spanOf, textAttribute } from "../../../unit/engine/otlp-request.ts";

const DISK_KIBIBYTES = 400;

/** A disk of {@link DISK_KIBIBYTES}; undefined where this user may not mount one. */
function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "spanlight-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_KIBIBYTES}k`, "tmpfs", folder], {
      stdio: "ignore",
    });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  onTestFinished(() => {
    execFileSync("umount", [folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

async function take(engine: Engine, number: number): Promise<void> {
  const attributes = [textAttribute("noise", randomBytes(8 * 1024).toString("base64"))];
  const body = protobufRequest([spanOf(number, { attributes })]);
  await engine.sink.traces(body, "protobuf", { sessionId: undefined, channel: "http" }).logged;
}

test("a full disk is told once, costs nothing in memory, and is written again when there is room", async (context) => {
  const disk = mountSmallDisk();
  if (disk === undefined) return context.skip("mounting a small disk needs root");
  const filler = join(disk, "filler");
  writeFileSync(filler, Buffer.alloc((DISK_KIBIBYTES / 2) * 1024));
  const log = { folders: [join(disk, "log")], maxBytes: 1e9, maxAgeDays: 7 };
  const engine = createEngine();
  onTestFinished(() => engine.dispose());
  const problems: string[] = [];
  engine.onProblemFound(({ code }) => problems.push(code));
  await engine.openLog(log);
  let number = 0;
  while (engine.state.log?.problem === undefined) await take(engine, ++number);
  for (let more = 0; more < 5; more++) await take(engine, ++number);
  expect(problems).toEqual(["log-disk-full"]);
  expect(engine.state.log.folders).toMatchObject([{ problem: { code: "log-disk-full" } }]);
  expect(engine.state.spanCount).toBe(number);

  rmSync(filler);
  await expect
    .poll(
      async () => {
        await take(engine, ++number);
        return engine.state.log?.problem;
      },
      { timeout: 20_000, interval: 50 },
    )
    .toBeUndefined();
  await engine.dispose();
  const next = createEngine();
  onTestFinished(() => next.dispose());
  const { spanCount, problems: unread } = await next.openLog(log);
  // All but those that came while it was full.
  expect([unread, spanCount > 10, spanCount < number]).toEqual([[], true, true]);
});
