import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { Sliced } from "../../../../src/engine/query/slices.ts";
import { writeSlices } from "../../../../src/engine/serve/write-slices.ts";

const PIECE = "x".repeat(1 << 20);
const PIECES = 200;
/** More than can be made before it is noticed that nobody is there. */
const ENDLESS = 100_000;

interface Work {
  made: number;
  ended: boolean;
}

/** Asks for a reply of so many MiB; the reply is not read yet. */
async function askForMuch(
  pieceCount: number,
): Promise<{ readonly work: Work; readonly reply: IncomingMessage }> {
  const work: Work = { made: 0, ended: false };
  function* pieces(write: (text: string) => void): Sliced<void> {
    try {
      for (; work.made < pieceCount; work.made++) {
        write(PIECE);
        yield;
      }
    } finally {
      work.ended = true;
    }
  }
  const server = createServer((_request, response) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    response.on("error", () => undefined);
    void writeSlices(response, pieces, gone.signal);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const request = get({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", agent: false });
  request.on("error", () => undefined);
  const [reply] = (await once(request, "response")) as [IncomingMessage];
  return { work, reply };
}

test("a reply is made no faster than it is read, and whole in the end", async () => {
  const { work, reply } = await askForMuch(PIECES);
  let before = -1;
  await expect
    .poll(() => {
      const stands = work.made === before;
      before = work.made;
      return stands;
    })
    .toBe(true);
  expect(work.made).toBeLessThan(PIECES);
  let length = 0;
  for await (const chunk of reply) length += (chunk as Buffer).length;
  expect(length).toBe(PIECES * PIECE.length);
});

test("a reader who goes away ends it", async () => {
  const { work, reply } = await askForMuch(ENDLESS);
  reply.destroy();
  await expect.poll(() => work.ended).toBe(true);
  expect(work.made).toBeLessThan(ENDLESS);
});
