import { MessageChannel, type MessagePort } from "node:worker_threads";
import { describe, expect, onTestFinished, test } from "vitest";
import { disposable } from "../../../src/base/dispose.ts";
import { err, ok } from "../../../src/base/result.ts";
import { Connection, LINK_CLOSED, type Port } from "../../../src/protocol/connection.ts";
import { isNumber, isObject, isString } from "../../../src/protocol/guard.ts";
import { event, request } from "../../../src/protocol/message.ts";

const double = request<number>()("test/double", isObject({ of: isNumber }));
const columns = request<{ readonly rows: Float64Array }>()("test/columns", isObject({}));
const told = event("test/told", isObject({ text: isString }));

function portOf(port: MessagePort): Port {
  return {
    post: (message, transfer = []) => port.postMessage(message, [...transfer]),
    listen(receive) {
      port.on("message", receive);
      return disposable(() => port.off("message", receive));
    },
  };
}

/** Two ends over a real channel, which copies and transfers as a worker's does. */
function link(): { here: Connection; there: Connection; raw: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  const here = new Connection(portOf(port1));
  const there = new Connection(portOf(port2));
  onTestFinished(() => {
    here.dispose();
    there.dispose();
    port1.close();
    port2.close();
  });
  return { here, there, raw: port1 };
}

describe("requests", () => {
  test.each([
    ["a value", (of: number) => of * 2, ok(42)],
    ["a promise", async (of: number) => of * 2, ok(42)],
    ["a result", (of: number) => ok(of * 2), ok(42)],
    [
      "an error",
      () => err({ code: "no", message: "Not today." }),
      err({ code: "no", message: "Not today." }),
    ],
  ])("are answered with %s", async (_what, answer, result) => {
    const { here, there } = link();
    there.handle(double, ({ of }) => answer(of));
    expect(await here.ask(double, { of: 21 })).toEqual(result);
  });

  test("a handler that throws is a failure, and the next request is answered", async () => {
    const { here, there } = link();
    there.handle(double, ({ of }) => {
      if (of === 0) throw new Error("division by you");
      return of * 2;
    });
    expect(await here.ask(double, { of: 0 })).toMatchObject({
      ok: false,
      error: { code: "request-failed", message: "test/double failed: division by you" },
    });
    expect(await here.ask(double, { of: 1 })).toEqual(ok(2));
  });

  test("a reply that cannot be sent is a failure, and the asker does not wait for ever", async () => {
    const { here, there } = link();
    there.handle(columns, () => ({ rows: new Float64Array(1), log: () => undefined }));
    expect(await here.ask(columns, {})).toMatchObject({ ok: false, error: { code: "request-failed" } });
  });

  test("may overtake each other", async () => {
    const { here, there } = link();
    const release: (() => void)[] = [];
    there.handle(double, async ({ of }) => {
      if (of === 1) await new Promise<void>((resolve) => release.push(resolve));
      return of * 2;
    });
    const slow = here.ask(double, { of: 1 });
    expect(await here.ask(double, { of: 2 })).toEqual(ok(4));
    for (const one of release) one();
    expect(await slow).toEqual(ok(2));
  });

  test("nobody answers: unknown-request", async () => {
    const { here } = link();
    expect(await here.ask(double, { of: 1 })).toMatchObject({
      ok: false,
      error: { code: "unknown-request" },
    });
  });

  test("parameters of another form never reach the handler", async () => {
    const { here, there } = link();
    let calls = 0;
    there.handle(double, () => calls++);
    expect(await here.askByName("test/double", { of: "21" })).toMatchObject({
      ok: false,
      error: { code: "bad-params" },
    });
    expect(calls).toBe(0);
  });

  test("without a handler are passed on where that is wanted", async () => {
    const { here, there } = link();
    const beyond = link();
    beyond.there.handle(double, ({ of }) => of * 2);
    there.forwardUnhandled((name, params, signal) => beyond.here.askByName(name, params, signal));
    expect(await here.ask(double, { of: 21 })).toEqual(ok(42));
  });

  test("a handler that left does not answer", async () => {
    const { here, there } = link();
    there.handle(double, ({ of }) => of * 2).dispose();
    expect(await here.ask(double, { of: 1 })).toMatchObject({
      ok: false,
      error: { code: "unknown-request" },
    });
  });
});

describe("cancellation", () => {
  test("settles the asker at once and reaches the handler", async () => {
    const { here, there } = link();
    const reached = new Promise<string>((resolve) => {
      there.handle(
        double,
        (_params, signal) =>
          new Promise((_, reject) =>
            signal.addEventListener("abort", () => {
              resolve("reached");
              reject(new Error("cancelled"));
            }),
          ),
      );
    });
    const abort = new AbortController();
    const asked = here.ask(double, { of: 1 }, abort.signal);
    abort.abort();
    expect(await asked).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(await reached).toBe("reached");
  });

  test("beforehand sends nothing", async () => {
    const { here, there } = link();
    let calls = 0;
    there.handle(double, () => calls++);
    expect(await here.ask(double, { of: 1 }, AbortSignal.abort())).toMatchObject({
      error: { code: "cancelled" },
    });
    await here.ask(columns, {});
    expect(calls).toBe(0);
  });

  test("after the reply is harmless", async () => {
    const { here, there } = link();
    there.handle(double, ({ of }) => of * 2);
    const abort = new AbortController();
    expect(await here.ask(double, { of: 1 }, abort.signal)).toEqual(ok(2));
    abort.abort();
    expect(await here.ask(double, { of: 2 })).toEqual(ok(4));
  });
});

describe("events", () => {
  test("reach all who listen, and nobody after leaving", async () => {
    const { here, there } = link();
    const heard: string[] = [];
    const first = there.on(told, ({ text }) => heard.push(`first ${text}`));
    there.on(told, ({ text }) => heard.push(`second ${text}`));
    here.emit(told, { text: "a" });
    await here.ask(double, { of: 1 });
    first.dispose();
    here.emit(told, { text: "b" });
    await here.ask(double, { of: 1 });
    expect(heard).toEqual(["first a", "second a", "second b"]);
  });
});

describe("what nobody of ours sends", () => {
  test.each([
    [undefined],
    [null],
    ["text"],
    [{}],
    [{ type: "unknown" }],
    [{ type: "event", name: "test/told", params: { text: 7 } }],
    [{ type: "event", name: "test/unknown" }],
    [{ type: "reply", id: 99, value: 1 }],
    [{ type: "failure", id: "x" }],
    [{ type: "cancel", id: {} }],
  ])("%j does no harm", async (message) => {
    const { here, there, raw } = link();
    const heard: unknown[] = [];
    there.on(told, (params) => heard.push(params));
    there.handle(double, ({ of }) => of * 2);
    raw.postMessage(message);
    expect(await here.ask(double, { of: 21 })).toEqual(ok(42));
    expect(heard).toEqual([]);
  });
});

describe("bulk data", () => {
  test("is handed over, not copied", async () => {
    const { here, there } = link();
    const rows = Float64Array.of(1, 2, 3);
    there.handle(columns, () => ({ rows }));
    expect(await here.ask(columns, {})).toEqual(ok({ rows: Float64Array.of(1, 2, 3) }));
    expect(rows.buffer.byteLength).toBe(0);
  });

  test("that is a window of a larger buffer is copied", async () => {
    const { here, there } = link();
    const whole = Float64Array.of(1, 2, 3);
    there.handle(columns, () => ({ rows: whole.subarray(1, 2) }));
    expect(await here.ask(columns, {})).toEqual(ok({ rows: Float64Array.of(2) }));
    expect(whole).toEqual(Float64Array.of(1, 2, 3));
  });
});

describe("a closed link", () => {
  test("fails what is asked and what was waiting, and cancels what runs here", async () => {
    const { here, there } = link();
    const aborted = new Promise<boolean>((resolve) => {
      there.handle(
        double,
        (_params, signal) => new Promise(() => signal.addEventListener("abort", () => resolve(true))),
      );
    });
    const waiting = here.ask(double, { of: 1 });
    await here.ask(columns, {});
    here.dispose();
    there.dispose();
    expect(await waiting).toEqual(err(LINK_CLOSED));
    expect(await here.ask(double, { of: 2 })).toEqual(err(LINK_CLOSED));
    expect(await aborted).toBe(true);
  });
});
