import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { descendants, endProcessTree, running } from "../../../scripts/process-tree.mjs";

const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.stdout.write('up');";
const parent = `
  const { spawn } = require("node:child_process");
  const child = spawn(process.execPath, ["-e", ${JSON.stringify(stubborn)}], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  child.stdout.once("data", () => process.stdout.write(String(child.pid)));
  setInterval(() => {}, 1000);
`;

test.skipIf(process.platform === "win32")(
  "a process is ended together with a child that left its group and ignores SIGTERM",
  async () => {
    const root = spawn(process.execPath, ["-e", parent], { stdio: ["ignore", "pipe", "ignore"] });
    const [printed] = (await once(root.stdout, "data")) as [Buffer];
    const child = Number(printed.toString());
    const pid = root.pid ?? 0;
    expect(descendants(pid).map((each) => each.pid)).toEqual([child]);

    const exited = once(root, "exit");
    await endProcessTree(pid);
    await exited;
    await expect.poll(() => running([pid, child])).toEqual([]);
  },
);
