import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { WebSocketServer } from "ws";

import { budgeted, type Row, type Suite } from "../row.ts";

const run = promisify(execFile);
const preload = fileURLToPath(new URL("../../dist/agent/preload.cjs", import.meta.url));
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/**
 * What the built agent costs a Node program: until its first line, and for each span. The medians with and without the
 * agent are taken in turns, so that a load on the machine meets both; CPU time stands beside wall time for the same reason.
 */
export const agentSuite: Suite = {
  title: "agent",
  async run({ quick }) {
    // Frames are read and thrown away: the engine's share is measured by its own suite.
    const sink = new WebSocketServer({ noServer: true });
    const http = createServer().on("upgrade", (request, socket, head) => {
      sink.handleUpgrade(request, socket, head, (client) => client.on("message", () => undefined));
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const { port } = http.address() as AddressInfo;
    const agent = {
      SPANLIGHT_ENDPOINT: `http://127.0.0.1:${String(port)}/s/benchbenchbenchbenchbe`,
      NODE_OPTIONS: `--require "${preload}"`,
    };
    try {
      return [
        ...(await startUp(agent, quick ? 7 : 25)),
        ...(await perSpan(agent, quick ? 20_000 : 100_000)),
        ...(await noBreakpoints(quick ? 5_000_000 : 50_000_000)),
      ];
    } finally {
      for (const client of sink.clients) client.terminate();
      http.closeAllConnections();
      http.close();
    }
  },
};

type Environment = Readonly<Record<string, string>>;

async function startUp(agent: Environment, rounds: number): Promise<Row[]> {
  const without: FirstLine[] = [];
  const withAgent: FirstLine[] = [];
  for (let round = 0; round < rounds; round++) {
    without.push((await child(["first-line.cjs"], {})) as FirstLine);
    withAgent.push((await child(["first-line.cjs"], agent)) as FirstLine);
  }
  const added = (read: (line: FirstLine) => number): number =>
    median(withAgent.map(read)) - median(without.map(read));
  const what = { unit: "ms", better: "lower" } as const;
  return [
    budgeted({
      name: "agent, added until the first line",
      value: added(({ atMs }) => atMs),
      ...what,
      budget: 80,
    }),
    { name: "agent, CPU time of that", value: added(({ cpuMs }) => cpuMs), ...what },
  ];
}

/** What a span pays where there are no span breakpoints: a look at its start and one at its end. */
async function noBreakpoints(spans: number): Promise<Row[]> {
  const { ns, emptyNs } = (await child(["no-breakpoints.cjs", String(spans)], {})) as Record<string, number>;
  const what = { unit: "ns", better: "lower" } as const;
  return [
    {
      name: "agent, looking for span breakpoints where there are none, a span",
      value: ns ?? Number.NaN,
      ...what,
    },
    { name: "the same with empty functions", value: emptyNs ?? Number.NaN, ...what },
  ];
}

interface FirstLine {
  readonly atMs: number;
  readonly cpuMs: number;
}

async function perSpan(agent: Environment, spans: number): Promise<Row[]> {
  const rounds = 3;
  const plain: number[] = [];
  const traced: number[] = [];
  const watched: number[] = [];
  const breakpoints = [
    { id: "1", enabled: true, moment: "starts", name: "other" },
    { id: "2", enabled: true, moment: "fails", name: "other" },
  ];
  const watching = { ...agent, SPANLIGHT_SPAN_BREAKPOINTS: JSON.stringify(breakpoints) };
  for (let round = 0; round < rounds; round++) {
    plain.push(((await child(["spans.cjs", String(spans)], { PLAIN_SDK: "1" })) as { cpuUs: number }).cpuUs);
    traced.push(((await child(["spans.cjs", String(spans)], agent)) as { cpuUs: number }).cpuUs);
    watched.push(((await child(["spans.cjs", String(spans)], watching)) as { cpuUs: number }).cpuUs);
  }
  const what = { unit: "µs", better: "lower" } as const;
  return [
    { name: "a span of the OpenTelemetry SDK alone, CPU", value: median(plain), ...what },
    budgeted({
      name: "agent, a span from start to socket, CPU",
      value: median(traced),
      ...what,
      budget: 5,
    }),
    { name: "the same, with two span breakpoints that it does not meet", value: median(watched), ...what },
  ];
}

async function child([name = "", ...args]: readonly string[], env: Environment): Promise<unknown> {
  const { NODE_OPTIONS: _ours, ...inherited } = process.env;
  const { stdout } = await run(process.execPath, [script(name), ...args], { env: { ...inherited, ...env } });
  return JSON.parse(stdout);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
