import { expect, test } from "vitest";
import { HeardDebuggee } from "../../../../src/host/active-span/heard-debuggee.ts";

/** A session whose window never hands an answer on, or does so when the test says. */
function session() {
  const asked: { readonly settle: (body: unknown) => void; readonly refuse: (error: Error) => void }[] = [];
  const customRequest = (): Promise<unknown> =>
    new Promise((settle, refuse) => {
      asked.push({ settle, refuse });
    });
  return { debuggee: new HeardDebuggee({ customRequest }), asked };
}

const request = (seq: number, expression: string) => ({
  ...{ type: "request", seq, command: "evaluate" },
  arguments: { expression },
});
const reply = (seq: number, result: string) => ({
  ...{ type: "response", request_seq: seq, command: "evaluate", success: true, body: { result } },
});

test("an answer is heard when the adapter gives it, whatever the order", async () => {
  const { debuggee } = session();
  const [one, two] = [
    debuggee.request("evaluate", { expression: "1" }),
    debuggee.request("evaluate", { expression: "2" }),
  ];
  debuggee.sent(request(8, "2"));
  debuggee.sent(request(7, "1"));
  debuggee.received(reply(8, "two"));
  debuggee.received(reply(7, "one"));
  expect(await Promise.all([one, two])).toEqual([{ result: "one" }, { result: "two" }]);
});

test("the same question twice gets both answers", async () => {
  const { debuggee } = session();
  const both = [1, 2].map(() => debuggee.request("evaluate", { expression: "1" }));
  debuggee.sent(request(7, "1"));
  debuggee.sent(request(8, "1"));
  debuggee.received(reply(8, "b"));
  debuggee.received(reply(7, "a"));
  expect(await Promise.all(both)).toEqual([{ result: "a" }, { result: "b" }]);
});

test("a refusal is heard as one, with the adapter's word", async () => {
  const { debuggee } = session();
  const asked = debuggee.request("evaluate", { expression: "1" });
  debuggee.sent(request(7, "1"));
  debuggee.received({ ...reply(7, ""), success: false, message: "no such frame" });
  await expect(asked).rejects.toThrow("no such frame");
});

test("what others ask is not taken for one's own", async () => {
  const { debuggee, asked } = session();
  const answer = debuggee.request("evaluate", { expression: "1" });
  debuggee.sent(request(7, "something else"));
  debuggee.received(reply(7, "another's"));
  debuggee.sent("no message");
  debuggee.received({ type: "response", request_seq: "7" });
  asked[0]?.settle({ result: "handed on" });
  expect(await answer).toEqual({ result: "handed on" });
});

test("a session that refuses to ask at all rejects", async () => {
  const { debuggee, asked } = session();
  const answer = debuggee.request("evaluate", { expression: "1" });
  asked[0]?.refuse(new Error("the session is over"));
  await expect(answer).rejects.toThrow("over");
  // Its question is forgotten: a later one of the same words is somebody else's.
  debuggee.sent(request(7, "1"));
  debuggee.received(reply(7, "late"));
});
