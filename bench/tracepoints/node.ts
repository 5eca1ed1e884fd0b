import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";

const preload =
  process.env["SPANLIGHT_PRELOAD"] ?? fileURLToPath(new URL("../../dist/agent/preload.cjs", import.meta.url));

/** Runs one line again and again, inside a span of the agent's, and prints the CPU time of one run of it. */
const program = (runs: number): string => `
const { performance } = require("node:perf_hooks");
const http = require("node:http");
function work(runs) {
  let sum = 0;
  for (let n = 0; n < runs; n++) {
    sum += n;
  }
  return sum;
}
const server = http.createServer((request, response) => {
  work(1000);
  const before = process.cpuUsage();
  work(${runs});
  const { user, system } = process.cpuUsage(before);
  console.log("cost " + (user + system) / ${runs});
  response.end();
});
server.listen(0, "127.0.0.1", () => {
  http.get({ port: server.address().port, agent: false }, (response) => response.resume().on("end", () => process.exit()));
});
`;
const LINE_OF_SUM = 6;

/** Runs the program under the inspector protocol, as js-debug does, with conditions on its line. */
export async function nodeCosts(
  folder: string,
  runs: number,
  conditions: readonly (string | undefined)[],
): Promise<readonly number[]> {
  const engine = createServer((socket) => socket.on("error", () => undefined).resume());
  await new Promise<void>((listening) => engine.listen(0, "127.0.0.1", listening));
  const file = join(folder, "main.cjs");
  writeFileSync(file, program(runs));
  const endpoint = `http://127.0.0.1:${(engine.address() as AddressInfo).port}/s/bench`;
  try {
    const costs: number[] = [];
    for (const condition of conditions) costs.push(await costOf(file, endpoint, condition));
    return costs;
  } finally {
    engine.close();
  }
}

async function costOf(file: string, endpoint: string, condition: string | undefined): Promise<number> {
  const child = spawn(process.execPath, ["--inspect-brk=127.0.0.1:0", "--require", preload, file], {
    env: { ...process.env, SPANLIGHT_ENDPOINT: endpoint },
  });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString("utf8")));
  try {
    const url = await new Promise<string>((resolve, reject) => {
      child.on("exit", () => reject(new Error("the program ended before it could be debugged")));
      let told = "";
      child.on("error", reject);
      child.stderr.on("data", (bytes: Buffer) => {
        told += bytes.toString("utf8");
        const found = /ws:\/\/\S+/.exec(told)?.[0];
        if (found !== undefined) resolve(found);
      });
    });
    const socket = new WebSocket(url);
    await new Promise((resolve) => socket.on("open", resolve));
    let id = 0;
    const send = (method: string, params: object = {}): void =>
      socket.send(JSON.stringify({ id: ++id, method, params }));
    socket.on("message", (bytes: Buffer) => {
      if (bytes.toString("utf8").includes('"Debugger.paused"')) send("Debugger.resume");
    });
    send("Debugger.enable");
    const place = { urlRegex: "main\\.cjs$", lineNumber: LINE_OF_SUM };
    if (condition !== undefined) send("Debugger.setBreakpointByUrl", { ...place, condition });
    send("Runtime.runIfWaitingForDebugger");
    await new Promise((resolve) => {
      child.stdout.on("data", () => output.includes("cost ") && resolve(undefined));
      child.on("exit", resolve);
    });
    socket.close();
  } finally {
    child.kill("SIGKILL");
  }
  return Number(/cost (\S+)/.exec(output)?.[1]);
}
