import { expect, onTestFinished, test } from "vitest";
import { createEngine } from "../../../src/engine/engine.ts";
import { temporaryFolder } from "../../unit/engine/log/temporary-folder.ts";
import { openTestEngine } from "../../unit/engine/open-test-engine.ts";
import { protobufRequest, spanOf } from "../../unit/engine/otlp-request.ts";

test("What is acknowledged while the log closes is in the log, and the rest is to be sent again", async () => {
  const log = { folders: [await temporaryFolder()], maxBytes: 1e8, maxAgeDays: 7 };
  const { engine, url } = await openTestEngine();
  await engine.openLog(log);
  const send = (number: number): Promise<Response> =>
    fetch(`${url}/v1/traces`, {
      method: "POST",
      headers: { "Content-Type": "application/x-protobuf" },
      body: new Uint8Array(protobufRequest([spanOf(number)])),
    });

  const before = await send(1);
  const closed = engine.closeLog();
  const during = [send(2), send(3)];
  await closed;
  const after = await send(4);
  const answers = [before, ...(await Promise.all(during)), after];

  expect(before.status).toBe(200);
  expect(after.status).toBe(503);
  expect(after.headers.get("Retry-After")).toBe("1");
  const next = createEngine();
  onTestFinished(() => next.dispose());
  const { spanCount } = await next.openLog(log);
  expect(spanCount).toBe(answers.filter(({ status }) => status === 200).length);
});

test("A request that was read before the log closed, and stored after, is not acknowledged", async () => {
  const { engine } = await openTestEngine();
  await engine.openLog({ folders: [await temporaryFolder()], maxBytes: 1e8, maxAgeDays: 7 });

  await engine.closeLog();

  const { logged } = engine.sink.traces(protobufRequest([spanOf(1)]), "protobuf", {
    sessionId: undefined,
    channel: "http",
  });
  expect(await logged).toBe(false);
});
