import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../../src/engine/receive/limits.ts";
import { openReceiver } from "../../../../src/engine/receive/receiver.ts";
import { openTestReceiver } from "./open-test-receiver.ts";
import { ask, connectTo, readUntil } from "./raw-http.ts";
import { RecordingSink } from "./recording-sink.ts";
import { freePort } from "../../../net/free-port.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** A neighbour that holds a port. */
async function occupyPort(host: string): Promise<number> {
  const neighbour = createServer().listen(0, host);
  onTestFinished(() => void neighbour.close());
  await once(neighbour, "listening");
  return (neighbour.address() as AddressInfo).port;
}

describe("ports", () => {
  test("wanted ports that are free are used", async () => {
    const [httpPort, grpcPort] = [await freePort(), await freePort()];
    const { receiver } = await openTestReceiver({ httpPort, grpcPort });
    expect(receiver).toMatchObject({ http: httpPort, grpc: grpcPort, taken: [] });
  });

  test.each(["127.0.0.1", "0.0.0.0"])("ports that a neighbour holds on %s are left to it", async (host) => {
    const [httpPort, grpcPort] = [await occupyPort(host), await occupyPort(host)];
    const { receiver, url } = await openTestReceiver({ httpPort, grpcPort });
    expect(receiver.taken).toEqual([httpPort, grpcPort]);
    expect([receiver.http, receiver.grpc]).not.toContain(httpPort);
    expect([receiver.http, receiver.grpc]).not.toContain(grpcPort);
    expect((await ask(`${url}/v1/traces`, { headers: JSON_TYPE, body: "{}" })).status).toBe(200);
    (await connectTo(receiver.grpc)).destroy();
  });

  test("0 takes any port, and none counts as taken", async () => {
    const { receiver } = await openTestReceiver();
    expect(receiver.taken).toEqual([]);
    expect(receiver.http).not.toBe(receiver.grpc);
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === "::1"),
  );
  test.skipIf(!hasIpv6)("::1 leads to the same receiver (skipped without IPv6)", async () => {
    const { receiver, sink } = await openTestReceiver();
    const url = `http://[::1]:${receiver.http}/v1/traces`;
    expect((await ask(url, { headers: JSON_TYPE, body: "{}" })).status).toBe(200);
    expect(sink.exports).toHaveLength(1);
  });
});

describe("problems", () => {
  const options = {
    sink: new RecordingSink(),
    overloaded: () => undefined,
    onFault: () => undefined,
    httpPort: 0,
    grpcPort: 0,
    nextConnection: () => 1,
    limits: DEFAULT_LIMITS,
  };

  test.each([
    ["all addresses without a token", "0.0.0.0", undefined, "token-required"],
    ["all addresses with an empty token", "0.0.0.0", "", "token-required"],
    ["an address that is not this machine's", "192.0.2.1", "secret", "cannot-listen"],
  ])("listening on %s", async (_what, host, token, code) => {
    const opened = await openReceiver({ ...options, host, token });
    expect(opened).toMatchObject({ ok: false, error: { code } });
  });
});

test("beyond loopback, programs of this machine need no token", async () => {
  const { url } = await openTestReceiver({ host: "0.0.0.0", token: "secret" });
  expect((await ask(`${url}/v1/traces`, { headers: JSON_TYPE, body: "{}" })).status).toBe(200);
});

describe("closing", () => {
  test("frees the ports, idle connections or not", async () => {
    const { receiver } = await openTestReceiver();
    const idle = await connectTo(receiver.http);
    const closed = readUntil(idle);
    await receiver.close();
    await closed;
    await expect(connectTo(receiver.http)).rejects.toThrow("ECONNREFUSED");
    await expect(connectTo(receiver.grpc)).rejects.toThrow("ECONNREFUSED");
  });

  test("lets a request that is running end", async () => {
    const { receiver, sink } = await openTestReceiver();
    const socket = await connectTo(receiver.http);
    socket.write(
      "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n",
    );
    socket.write("Expect: 100-continue\r\n\r\n");
    await readUntil(socket, "100 Continue");
    const closed = receiver.close();
    socket.write("{}");
    expect(await readUntil(socket, "\r\n\r\n")).toMatch(/^HTTP\/1.1 200/);
    await closed;
    expect(sink.exports).toHaveLength(1);
  });

  test("twice is harmless", async () => {
    const { receiver } = await openTestReceiver();
    await Promise.all([receiver.close(), receiver.close()]);
  });
});
