import { createServer, type AddressInfo, type Server } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { builtAgent, comparable, installFixtures, run } from "./fixtures.ts";
import { Receiver } from "./receiver.ts";

const receiver = new Receiver();
const isWindows = process.platform === "win32";

beforeAll(async () => {
  installFixtures();
  await receiver.listen();
});
afterEach(() => {
  receiver.clear();
});
afterAll(() => receiver.close());

describe("a program that ends abruptly", () => {
  test.each(["exit", "throw", "reject", "sigterm"])("loses nothing that ended before: %s", async (how) => {
    if (how === "sigterm" && isWindows) return;
    const plain = await run({ args: ["apps/exit.cjs", how] });
    const traced = await run({ args: ["apps/exit.cjs", how] }, receiver);
    expect(comparable(traced)).toEqual(comparable(plain));
    const ended = await receiver.until(
      () => receiver.spans.find((span) => span.name === "GET" && span.kind === 2 && span.endNs > 0n),
      "the request's end",
    );
    expect(ended.attributes["http.response.status_code"]).toBe(200);
  });

  test.skipIf(isWindows)("leaves the spans that were running open, and its connection closed", async () => {
    await run({ args: ["apps/exit.cjs", "sigkill"] }, receiver);
    await receiver.until(() => receiver.connections.every(({ closed }) => closed), "the connection's end");
    const open = receiver.spans.filter((span) => span.endNs === 0n).map((span) => [span.kind, span.name]);
    expect(open).toEqual([[3, "GET"]]);
  });

  test("is heard even when its event loop never turned", async () => {
    const plain = await run({ args: ["apps/short.cjs"] });
    const traced = await run({ args: ["apps/short.cjs"] }, receiver);
    expect(comparable(traced)).toEqual(comparable(plain));
    await receiver.until(
      () => receiver.spans.some((span) => span.name === "graphql.resolve x"),
      "the resolver's span",
    );
    expect(receiver.connections[0]?.texts[0]).toMatchObject({ type: "hello", runtime: "node" });
  });
});

describe("a program whose engine is not well", () => {
  test.each([
    ["nothing listens there", undefined],
    [
      "the connection is cut at once",
      (server: Server) => server.on("connection", (socket) => socket.destroy()),
    ],
    [
      "the upgrade is refused",
      (server: Server) =>
        server.on("connection", (socket) =>
          socket.on("error", () => undefined).end("HTTP/1.1 404 Not Found\r\n\r\n"),
        ),
    ],
    [
      "nothing is ever answered",
      (server: Server) => server.on("connection", (socket) => socket.on("error", () => undefined).pause()),
    ],
    [
      "the answer is rubbish",
      (server: Server) =>
        server.on("connection", (socket) =>
          socket.on("error", () => undefined).write(Buffer.alloc(70_000, 0x81)),
        ),
    ],
  ])("prints and ends as it would alone: %s", async (_why, behave) => {
    const server = createServer();
    behave?.(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    if (behave === undefined) await new Promise((resolve) => server.close(resolve));
    const env = {
      SPANLIGHT_ENDPOINT: `http://127.0.0.1:${String(port)}/s/abcdefghijklmnopqrstuv`,
      NODE_OPTIONS: `--require "${await builtAgent()}"`,
    };
    const plain = await run({ args: ["apps/express.cjs"] });
    const traced = await run({ args: ["apps/express.cjs"], env });
    server.close();
    expect(comparable(traced)).toEqual(comparable(plain));
    expect(traced.code).toBe(0);
  });

  test.each(["", "not a url", "ftp://127.0.0.1:1/s/x", "http://127.0.0.1/s/x"])(
    "runs without the agent where the endpoint is %j",
    async (endpoint) => {
      const env = { SPANLIGHT_ENDPOINT: endpoint, NODE_OPTIONS: `--require "${await builtAgent()}"` };
      const outcome = await run({
        args: [
          "-p",
          "Object.getOwnPropertySymbols(globalThis).some((s) => String(s).includes('spanlight.agent.modules'))",
        ],
        env,
      });
      expect(outcome).toEqual({ stdout: "false\n", stderr: "", code: 0, signal: null });
    },
  );
});
