import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { headlessBundle } from "../../scripts/build-headless.mjs";
import { createEngine } from "../../src/engine/engine.ts";
import type { RunNumber, SessionId } from "../../src/model/ids.ts";
import { jsonRequest, protobufRequest, spanOf, textAttribute, TRACE } from "../unit/engine/otlp-request.ts";

const folder = mkdtempSync(join(tmpdir(), "spanlight-headless-"));
const command = join(folder, "headless.js");

beforeAll(async () => {
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  await build({ ...headlessBundle, outdir: folder, logLevel: "warning" });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function spanlight(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [command, ...args], (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

interface Served {
  readonly child: ChildProcess;
  readonly ready: { readonly http?: number; readonly grpc?: number; readonly api?: number };
}

/** Saves a run in which a client gives up as the server that it called is paused. */
async function savedFailureInPause(): Promise<string> {
  const engine = createEngine();
  const session = "abcdefghijklmnopqrstuv" as SessionId;
  engine.openSession({ sessionId: session, run: 1 as RunNumber, name: "api" });
  const at = (ms: number): string => (1_700_000_000_000_000_000n + BigInt(ms) * 1_000_000n).toString();
  const take = (pid: string, service: string, span: object): unknown => {
    const resource = {
      attributes: [textAttribute("service.name", service), { key: "process.pid", value: { intValue: pid } }],
    };
    const body = { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] };
    const origin = { sessionId: session, channel: "http" } as const;
    return engine.sink.traces(Buffer.from(JSON.stringify(body)), "json", origin);
  };
  const client = { ...spanOf(1, { name: "GET stock", kind: 3 }), status: { code: 2 } };
  const server = spanOf(2, { name: "stock", kind: 2, parentSpanId: "0000000000000001" });
  take("1", "shop", { ...client, startTimeUnixNano: at(10), endTimeUnixNano: at(50) });
  take("2", "cart", { ...server, startTimeUnixNano: at(15), endTimeUnixNano: at(90) });
  engine.recordPauses([
    {
      id: "pause 1",
      sessionId: session,
      processId: 2,
      name: "cart",
      startTimeUnixNano: at(20),
      endTimeUnixNano: at(60),
    },
  ]);
  const path = join(folder, "paused.spanlight");
  expect(await engine.runFiles.save({ path })).toMatchObject({ ok: true });
  await engine.dispose();
  return path;
}

/** Starts `serve` and answers when it is ready. */
async function serve(...args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, [command, "serve", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { child, ready: JSON.parse(line) };
}

async function terminated({ child }: Served, signal: NodeJS.Signals = "SIGTERM"): Promise<unknown> {
  const exit = once(child, "exit");
  child.kill(signal);
  return (await exit)[0];
}

async function exportSpans({ ready }: Served, service = "shop"): Promise<void> {
  const reply = await fetch(`http://127.0.0.1:${ready.http}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: new Uint8Array(jsonRequest([spanOf(1), spanOf(2)], service)),
  });
  expect(reply.status).toBe(200);
}

async function ask({ ready }: Served, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${ready.api}${path}`);
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("spanlight serve", () => {
  test("receives over HTTP, answers Jaeger's API and tells its health", async () => {
    const served = await serve("--http", "0", "--grpc", "0", "--api", "0");
    expect(served.ready).toEqual({
      event: "ready",
      http: expect.any(Number),
      grpc: expect.any(Number),
      api: expect.any(Number),
    });
    await exportSpans(served);
    expect(await (await ask(served, "/api/v3/services")).json()).toEqual({ services: ["shop"] });
    const trace = await (await ask(served, `/api/v3/traces/${TRACE}`)).json();
    expect(trace.result.resourceSpans[0].scopeSpans[0].spans).toHaveLength(2);
    const metrics = await (await ask(served, "/metrics")).text();
    expect(metrics).toContain("\nspanlight_spans 2\n");
    expect(metrics).toContain("\nspanlight_spans_received_total 2\n");
    expect(await terminated(served)).toBe(0);
  });

  test("ends with 0 on SIGINT, and opens no port that was not asked for", async () => {
    const served = await serve("--http", "0");
    expect(Object.keys(served.ready)).toEqual(["event", "http"]);
    expect(await terminated(served, "SIGINT")).toBe(0);
  });

  test("has what it logged again after a restart, without opening a receiver", async () => {
    const log = join(folder, "log");
    const first = await serve("--http", "0", "--log", log);
    await exportSpans(first, "before");
    expect(await terminated(first)).toBe(0);
    const second = await serve("--api", "0", "--log", log);
    expect(await (await ask(second, "/api/v3/services")).json()).toEqual({ services: ["before"] });
    expect(await (await ask(second, "/metrics")).text()).toContain("spanlight_session_log_lag_bytes 0\n");
  });

  test("refuses a port that somebody else listens on, with code 3 and one line", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const port = String((other.address() as AddressInfo).port);
    for (const flag of ["--http", "--grpc", "--api"]) {
      const { code, stdout, stderr } = await spanlight("serve", flag, port);
      expect({ flag, code, stdout }).toEqual({ flag, code: 3, stdout: "" });
      expect(stderr).toMatch(new RegExp(`^spanlight: .*${port}.*\n$`));
    }
  });

  test.each([[["serve"]], [["serve", "--http", "70000"]], [["serve", "--htp", "0"]], [["fly"]], [[]]])(
    "ends with 2 for the arguments %j",
    async (args) => {
      const { code, stderr } = await spanlight(...args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^spanlight: .+\n$/);
    },
  );

  test("demands a token to listen on other addresses", async () => {
    expect(await spanlight("serve", "--http", "0", "--host", "0.0.0.0")).toMatchObject({
      code: 3,
      stdout: "",
    });
  });
});

describe("spanlight convert", () => {
  test("goes from JSON to protobuf and back without loss", async () => {
    const source = file("source.json", jsonRequest([spanOf(1), spanOf(2)]));
    const [binary, back] = [join(folder, "binary.pb"), join(folder, "back.ndjson")];
    expect(await spanlight("convert", source, binary)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(readFileSync(binary)).toHaveLength(protobufRequest([spanOf(1), spanOf(2)]).length);
    expect((await spanlight("convert", binary, back)).code).toBe(0);
    const text = readFileSync(back, "utf8");
    expect(text.split("\n")).toHaveLength(2);
    expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(source, "utf8")));
  });

  test("writes what can be read of a damaged file, and ends with 1", async () => {
    const damaged = file("damaged.pb", protobufRequest([spanOf(1), { ...spanOf(2), traceId: "" }]));
    const output = join(folder, "rest.json");
    const { code, stderr } = await spanlight("convert", damaged, output);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^spanlight: .*read in part.*\n$/);
    expect(readFileSync(output, "utf8")).toContain('"span 1"');
  });

  test.each([
    [1, ["convert", join(folder, "missing.json"), join(folder, "x.pb")]],
    [2, ["convert", "one.json"]],
    [2, ["convert", "one.json", "two.xyz"]],
    [2, ["convert", "one.json", "two", "--to", "xml"]],
  ])("ends with %i for %j", async (expected, args) => {
    const { code, stderr } = await spanlight(...args);
    expect(code).toBe(expected);
    expect(stderr).toMatch(/^spanlight: .+\n$/);
  });

  test("ends with 4 where the output cannot be written", async () => {
    const source = file("source4.json", jsonRequest([spanOf(1)]));
    expect((await spanlight("convert", source, join(folder, "none", "x.pb"))).code).toBe(4);
  });
});

describe("spanlight convert, between all formats", () => {
  const metrics = {
    resourceMetrics: [{ scopeMetrics: [{ metrics: [gauge("cpu", "5", 1), gauge("cpu", "6", 2)] }] }],
  };
  const logs = {
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: "7", body: { stringValue: "hello" } }] }] }],
  };
  const lines = [
    jsonRequest([spanOf(1), spanOf(2)]).toString(),
    JSON.stringify(metrics),
    JSON.stringify(logs),
  ];

  test("keeps all three signals on the way through a saved run, JSON and lines", async () => {
    const first = file("all.ndjson", `${lines.join("\n")}\n`);
    const way = ["all.spanlight", "all.json", "again.spanlight", "last.ndjson"].map((name) =>
      join(folder, name),
    );
    let from = first;
    for (const to of way) {
      expect(await spanlight("convert", from, to)).toEqual({ code: 0, stdout: "", stderr: "" });
      from = to;
    }
    expect(await spanlight("convert", first, join(folder, "direct.ndjson"))).toMatchObject({ code: 0 });
    expect(readFileSync(from, "utf8")).toBe(readFileSync(join(folder, "direct.ndjson"), "utf8"));
    expect(readFileSync(from, "utf8").split("\n")).toHaveLength(4);
    const { stdout } = await spanlight("summary", join(folder, "all.spanlight"));
    expect(stdout).toMatch(
      /^1 traces, 2 spans, 1 services, 0 errors\n1 series of metrics, 2 data points\n1 log records\n/,
    );
  });

  test("goes from each format to each other, and says the same", async () => {
    const written = (name: string): string => join(folder, `each.${name}`);
    const convert = async (from: string, to: string): Promise<void> => {
      expect(await spanlight("convert", from, to)).toEqual({ code: 0, stdout: "", stderr: "" });
    };
    const json = file("each.json", jsonRequest([spanOf(1), spanOf(2)]));
    await convert(json, written("pb"));
    await convert(json, written("spanlight"));
    for (const [from, via] of [
      ["pb", "spanlight"],
      ["spanlight", "pb"],
    ] as const) {
      await convert(written(from), join(folder, `from-${from}.${via}`));
      await convert(join(folder, `from-${from}.${via}`), join(folder, `from-${from}.json`));
      expect(JSON.parse(readFileSync(join(folder, `from-${from}.json`), "utf8"))).toEqual(
        JSON.parse(readFileSync(json, "utf8")),
      );
    }
  });

  test("writes one signal as protobuf, and tells each by its bytes", async () => {
    const all = file("signals.ndjson", lines.join("\n"));
    for (const [signal, line] of [
      ["traces", 0],
      ["metrics", 1],
      ["logs", 2],
    ] as const) {
      const binary = join(folder, `${signal}.bin`);
      expect(await spanlight("convert", all, binary, "--to", "protobuf", "--signal", signal)).toMatchObject({
        code: 0,
      });
      const back = join(folder, `${signal}.ndjson`);
      expect(await spanlight("convert", binary, back)).toMatchObject({ code: 0, stderr: "" });
      const same = join(folder, `${signal}-same.ndjson`);
      await spanlight("convert", file(`${signal}-line.json`, lines[line] ?? ""), same);
      expect(readFileSync(back, "utf8")).toBe(readFileSync(same, "utf8"));
    }
    expect(await spanlight("convert", all, join(folder, "all.pb"))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--signal") as string,
    });
  });

  test("restores what a cut file holds, and ends with 1", async () => {
    const whole = join(folder, "whole.spanlight");
    await spanlight("convert", file("whole.json", jsonRequest([spanOf(1)])), whole);
    const cut = file("cut.spanlight", readFileSync(whole).subarray(0, -10));
    const { code, stderr } = await spanlight("convert", cut, join(folder, "cut.json"));
    expect(code).toBe(1);
    expect(stderr).toMatch(/cut off/);
    expect(readFileSync(join(folder, "cut.json"), "utf8")).toContain("span 1");
  });
});

function gauge(name: string, timeUnixNano: string, asInt: number): object {
  return { name, gauge: { dataPoints: [{ timeUnixNano, asInt }] } };
}

describe("spanlight serve --backup", () => {
  test("saves what it holds when it ends", async () => {
    const backups = join(folder, "backups");
    const served = await serve("--http", "0", "--backup", backups, "--backup-keep", "2");
    await exportSpans(served);
    expect(await terminated(served)).toBe(0);
    const [name, ...others] = readdirSync(backups);
    expect([name, others]).toEqual([expect.stringMatching(/^spanlight-\d{8}T\d{6}Z\.spanlight$/), []]);
    const { stdout } = await spanlight("summary", join(backups, name ?? ""));
    expect(stdout).toMatch(/^1 traces, 2 spans/);
  });
});

describe("spanlight summary", () => {
  test("tells traces, services and how long operations take", async () => {
    const { code, stdout } = await spanlight(
      "summary",
      file("sum.json", jsonRequest([spanOf(1), spanOf(2)])),
    );
    expect(code).toBe(0);
    expect(stdout).toContain("1 traces, 2 spans, 1 services, 0 errors\n");
    expect(stdout).toMatch(/shop {5}span 1 {9}1 {7}0 {2}250 ms {2}250 ms {2}250 ms\n/);
  });

  test("tells the same as JSON", async () => {
    const { stdout } = await spanlight("summary", "--json", file("j.json", jsonRequest([spanOf(1)])));
    expect(JSON.parse(stdout)).toMatchObject({
      traces: 1,
      services: ["shop"],
      operations: [{ service: "shop", name: "span 1", spanCount: 1, p95Ns: 250e6 }],
    });
  });

  test("leaves out what failed as another process was paused, unless asked for", async () => {
    const path = await savedFailureInPause();
    const left = await spanlight("summary", path);
    expect(left.stdout).toMatch(/^1 traces, 2 spans, 2 services, 0 errors\n1 left out: failed while/);
    expect(left.stdout).not.toContain("GET stock");
    const counted = await spanlight("summary", "--failed-in-pause", path);
    expect(counted.stdout).toMatch(/^1 traces, 2 spans, 2 services, 1 errors\n\n/);
    expect(counted.stdout).toMatch(/shop {5}GET stock +1 +1 /);
    const told = await Promise.all(
      [[], ["--failed-in-pause"]].map((flags) => spanlight("summary", "--json", ...flags, path)),
    );
    expect(told.map(({ stdout }) => JSON.parse(stdout) as unknown)).toMatchObject([
      { errors: 0, leftOut: 1, operations: [{ name: "stock" }] },
      { errors: 1, leftOut: 0, operations: [{ name: "stock" }, { name: "GET stock" }] },
    ]);
  });

  test("lets no received text control the terminal", async () => {
    const name = "\u001b[2Jevil\nline";
    const { stdout } = await spanlight("summary", file("evil.json", jsonRequest([spanOf(1, { name })])));
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toContain("\ufffd[2Jevil\ufffdline");
  });
});

test("help fits a screen", async () => {
  const { code, stdout } = await spanlight("--help");
  expect(code).toBe(0);
  expect(stdout.split("\n").length).toBeLessThanOrEqual(24);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("tells the version of the package", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(await spanlight("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});
