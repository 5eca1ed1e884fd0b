import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { ok, type Problem } from "../../../src/base/result.ts";
import { BackupSchedule } from "../../../src/engine/backup-schedule.ts";
import { temporaryFolder } from "./log/temporary-folder.ts";

const START_MS = Date.UTC(2026, 10, 23, 15);
const MINUTE_MS = 60_000;

interface Scheduled {
  readonly schedule: BackupSchedule;
  readonly folder: string;
  readonly problems: readonly Problem[];
  /** Lets the plan's time pass and waits for what is written then. */
  readonly pass: () => Promise<void>;
}

async function scheduled(
  more: { readonly keep?: number; readonly folder?: string } = {},
): Promise<Scheduled> {
  const folder = more.folder ?? (await temporaryFolder());
  const problems: Problem[] = [];
  const schedule = new BackupSchedule({
    save: async (path) => {
      await writeFile(path, "");
      return ok(undefined);
    },
    onProblem: (problem) => problems.push(problem),
    onChanged: () => undefined,
    now: Date.now,
  });
  onTestFinished(() => schedule.dispose());
  schedule.configure({ folder, name: "shop", everyMinutes: 10, keep: more.keep ?? 3 });
  const pass = async (): Promise<void> => {
    vi.advanceTimersByTime(10 * MINUTE_MS);
    // Behind what the timer has begun, in the same row.
    await schedule.writeNow();
  };
  return { schedule, folder, problems, pass };
}

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS, toFake: ["setTimeout", "clearTimeout", "Date"] });
  return () => vi.useRealTimers();
});

describe("a backup on a schedule", () => {
  test("is written when the time has passed since a change, and not while nothing changes", async () => {
    const { schedule, folder, pass } = await scheduled();
    await pass();
    expect(await readdir(folder)).toEqual([]);
    schedule.changed();
    await pass();
    expect(await readdir(folder)).toEqual(["shop-20261123T152000Z.spanlight"]);
    await pass();
    expect(await readdir(folder)).toHaveLength(1);
    expect(schedule.state).toEqual({
      folder,
      lastMs: START_MS + 20 * MINUTE_MS,
      lastPath: join(folder, "shop-20261123T152000Z.spanlight"),
      problem: undefined,
    });
  });

  test("keeps the newest files, and leaves what others have put there", async () => {
    const { schedule, folder, pass } = await scheduled({ keep: 2 });
    const others = ["shop-of-mine.spanlight", "shop-2-20261123T150000Z.spanlight", "notes.txt"];
    for (const name of others) await writeFile(join(folder, name), "");
    for (let time = 0; time < 4; time++) {
      schedule.changed();
      await pass();
    }
    expect((await readdir(folder)).toSorted()).toEqual(
      [...others, "shop-20261123T153000Z.spanlight", "shop-20261123T154000Z.spanlight"].toSorted(),
    );
  });

  test("tells once that a folder fails, and goes on by itself when it does not any more", async () => {
    const parent = await temporaryFolder();
    const folder = join(parent, "disk", "backups");
    await writeFile(join(parent, "disk"), "");
    const { schedule, problems, pass } = await scheduled({ folder });
    schedule.changed();
    for (let time = 0; time < 3; time++) await pass();
    expect(problems.map(({ code }) => code)).toEqual(["backup-failed"]);
    expect(schedule.state?.problem?.code).toBe("backup-failed");
    await rm(join(parent, "disk"));
    await mkdir(join(parent, "disk"));
    await pass();
    expect(await readdir(folder)).toHaveLength(1);
    expect(schedule.state?.problem).toBeUndefined();
  });

  test("is not written any more when it is switched off", async () => {
    const { schedule, folder, pass } = await scheduled();
    schedule.changed();
    schedule.configure(undefined);
    await pass();
    expect(await readdir(folder)).toEqual([]);
    expect(schedule.state).toBeUndefined();
  });
});
