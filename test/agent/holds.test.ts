import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { fixtures, installFixtures } from "./fixtures.ts";
import { InspectedProgram } from "./inspected-program.ts";
import { Receiver } from "./receiver.ts";

const receiver = new Receiver();
const app = join(fixtures, "apps/held.cjs");
/** The longest that a description of the stack is expected to take on a machine that does other things as well. */
const LATE_MS = 100;

let program: InspectedProgram | undefined;

beforeAll(async () => {
  installFixtures();
  await receiver.listen();
});
afterEach(() => {
  program?.kill();
  receiver.clear();
});
afterAll(() => receiver.close());

const wordsOf = (type: string): readonly number[] =>
  receiver.connections.flatMap(({ texts }) =>
    texts.filter((text) => text["type"] === type).map((text) => Number(text["atUnixNano"]) / 1e6),
  );

async function ended(one: InspectedProgram): Promise<void> {
  await one.after("resume");
  await one.after("resume");
  expect(await one.after("resume")).toBeUndefined();
}

test("tells each hold by the program's own clock", async () => {
  program = await InspectedProgram.start(app, receiver);
  await ended(program);
  // The first is the debugger's, before the first statement.
  await receiver.until(() => wordsOf("released").length === 3, "the program's last word");
  const held = wordsOf("held").slice(1);
  const released = wordsOf("released").slice(1);
  const stops = JSON.parse(program.output) as readonly { readonly start: number; readonly end: number }[];
  expect(stops).toHaveLength(2);
  stops.forEach(({ start, end }, n) => {
    expect(held[n]).toBeGreaterThan(start - LATE_MS);
    expect(held[n]).toBeLessThan(start + LATE_MS);
    expect(released[n]).toBeGreaterThanOrEqual(held[n] ?? Infinity);
    expect(released[n]).toBeLessThan(end + 2);
  });
});

test.each(["end", "exit", "throw"])(
  "a debugged program ends as it does without the agent: %s",
  async (how) => {
    const outcome = async (env: Readonly<Record<string, string>>): Promise<unknown> => {
      program = await InspectedProgram.start(app, receiver, env, [], [how]);
      await ended(program);
      // Frames of the agent may be between the program's own; the address is another one each time; and Node takes leave of
      // a debugger that goes in the moment in which it is asked to, or not.
      const lines = program.errors().split("\n");
      return {
        exitCode: program.exitCode,
        errors: lines.filter((line) => !/^ {4}at |ws:|^For help/.test(line)),
      };
    };
    expect(await outcome({})).toEqual(await outcome({ OTEL_SDK_DISABLED: "true" }));
  },
);

test("a debugger that leaves a program which stands lets it go on", async () => {
  program = await InspectedProgram.start(app, receiver);
  await program.after("resume");
  await program.leave();
  expect(program.output).toContain("start");
});

test("a step into Node's own code is as the debugger wants it, though a second client is there", async () => {
  const steps = async (env: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    program = await InspectedProgram.start(app, receiver, env);
    const names: string[] = [];
    for (let n = 0; n < 12; n++) {
      const [top] = (await program.after("stepInto")) ?? [];
      names.push(`${top?.functionName ?? ""}:${String(top?.location.lineNumber)}`);
    }
    program.kill();
    return names;
  };
  expect(await steps({})).toEqual(await steps({ OTEL_SDK_DISABLED: "true" }));
});

/** V8 lists all of them at every stop, to each client of the inspector. A bundle in one file has some 750. */
const MAX_NAMES = 100;

test.each(["http", "express", "fastify"])(
  "few names are around the agent's functions in the stack of a request: %s",
  async (framework) => {
    program = await InspectedProgram.start(join(fixtures, "apps/stacks.cjs"), receiver, {}, [], [framework]);
    const frames = (await program.after("resume")) ?? [];
    const agents = frames.filter(({ url }) => /\/spanlight-agent-[^/]*\/agent\//.test(url));
    expect(agents.length).toBeGreaterThan(1);
    for (const { functionName, scopeChain } of agents) {
      for (const { type, object } of scopeChain.filter((scope) => scope.type === "closure")) {
        const { result } = await program.ask("Runtime.getProperties", {
          objectId: object.objectId,
          ownProperties: true,
        });
        expect((result as unknown[]).length, `${functionName}: ${type}`).toBeLessThan(MAX_NAMES);
      }
    }
  },
);
