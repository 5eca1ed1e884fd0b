import { expect, test } from "vitest";
import { prepareForBreakpoints } from "../../../../src/host/breakpoints/prepare-launch.ts";

const agent = "/home/ada/.vscode/extensions/spanlight/dist/agent/preload.cjs";
const agentFiles = "/home/ada/.vscode/extensions/spanlight/dist/agent/**";
const breakpoint = { id: "1", enabled: true, moment: "fails", name: "GET" } as const;

test("the agent's files are skipped beside those that the person skips", () => {
  expect(prepareForBreakpoints({ skipFiles: ["<node_internals>/**"] }, agent, [])).toEqual({
    skipFiles: ["<node_internals>/**", agentFiles],
  });
});

test("a program knows the breakpoints that its agent has to know", () => {
  const all = [
    breakpoint,
    { ...breakpoint, id: "2", enabled: false },
    { ...breakpoint, id: "3", moment: "slow" },
  ] as const;
  const { env } = prepareForBreakpoints({ env: { A: "1" } }, agent, all) as unknown as {
    env: Record<string, string>;
  };
  expect(env["A"]).toBe("1");
  expect(JSON.parse(env["SPANLIGHT_SPAN_BREAKPOINTS"] ?? "")).toEqual([breakpoint]);
});

test("applied to its own result it changes nothing", () => {
  const once = prepareForBreakpoints({ env: {} }, agent, [breakpoint]);
  expect(prepareForBreakpoints(once, agent, [breakpoint])).toEqual(once);
});
