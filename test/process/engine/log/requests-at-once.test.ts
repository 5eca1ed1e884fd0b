import { expect, onTestFinished, test } from "vitest";
import { createEngine } from "../../../../src/engine/engine.ts";
import type { TraceId } from "../../../../src/model/ids.ts";
import { temporaryFolder } from "../../../unit/engine/log/temporary-folder.ts";
import { jsonRequest, protobufRequest, spanOf } from "../../../unit/engine/otlp-request.ts";
import { ask } from "../../../unit/engine/receive/raw-http.ts";

const traceOf = (number: number): TraceId => number.toString(16).padStart(32, "0") as TraceId;

// Bodies lie in memory that later ones get: one that was given back too early would be logged as another's.
test.each([
  ["json", "application/json", jsonRequest],
  ["protobuf", "application/x-protobuf", protobufRequest],
])("requests of %s that come at once are logged each as it is", async (_, type, encode) => {
  const log = { folders: [await temporaryFolder()], maxBytes: 1e9, maxAgeDays: 7 };
  const first = createEngine();
  await first.openLog(log);
  const opened = await first.openReceiver({ host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
  if (!opened.ok) throw new Error(opened.error.message);
  const numbers = Array.from({ length: 24 }, (_, at) => at + 1);
  const bodyOf = (number: number): Buffer =>
    // More than one read of a socket brings, so that it is put together.
    encode(
      Array.from({ length: 2500 }, (_, at) =>
        spanOf(at + 1, { traceId: traceOf(number), name: `request ${number}` }),
      ),
    );
  const replies = await Promise.all(
    numbers.map((number) =>
      ask(`http://127.0.0.1:${opened.value.http}/v1/traces`, {
        headers: { "content-type": type },
        body: bodyOf(number),
      }),
    ),
  );
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  await first.dispose();

  const engine = createEngine();
  onTestFinished(() => engine.dispose());
  await engine.openLog(log);
  const { traces } = engine.listTraces({ filter: { text: "" }, limit: 100 });
  const held = traces.map(({ name, spanCount }) => `${name}: ${spanCount}`);
  expect(held.sort()).toEqual(numbers.map((number) => `request ${number}: 2500`).sort());
});
