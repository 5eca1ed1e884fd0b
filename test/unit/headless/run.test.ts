import { parseArgs } from "node:util";
import { expect, test, vi } from "vitest";
import { EXIT, Failure } from "../../../src/headless/failure.ts";
import { run } from "../../../src/headless/run.ts";

test.each([
  ["a fault of ours", () => Promise.reject(new TypeError("x is not\na function")), EXIT.fault],
  ["a failure that it names", () => Promise.reject(new Failure(EXIT.listen, "taken")), EXIT.listen],
  [
    "an option that there is not",
    (args: readonly string[]) => {
      parseArgs({ args: [...args], options: {} });
      return Promise.resolve(EXIT.done);
    },
    EXIT.usage,
  ],
  ["its own word", () => Promise.resolve(EXIT.input), EXIT.input],
])("a command ends with %s: exit code and one line", async (_, command, code) => {
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(await run(["go", "--wrong"], { go: async (args) => command(args) })).toBe(code);
  const lines = written.mock.calls.map(([text]) => String(text));
  written.mockRestore();
  expect(lines.join("")).toMatch(code === EXIT.input ? /^$/ : /^spanlight: [^\n]+\n$/);
});

test("a name that every object has is no command", async () => {
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(await run(["toString"])).toBe(EXIT.usage);
  written.mockRestore();
});
