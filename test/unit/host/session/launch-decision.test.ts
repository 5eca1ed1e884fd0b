import { expect, test } from "vitest";
import {
  decideLaunch,
  type LaunchDecision,
  type LaunchPolicy,
} from "../../../../src/host/session/launch-decision.ts";

const open: LaunchPolicy = { trusted: true, enabled: true, excludeConfigurations: [] };

const cases: readonly [
  title: string,
  attributes: Readonly<Record<string, unknown>>,
  policy: Partial<LaunchPolicy>,
  decided: LaunchDecision["kind"],
][] = [
  ["a launch is completed", {}, {}, "complete"],
  ["a launch without debugging too", { noDebug: true }, {}, "complete"],
  [
    "nothing is put into an untrusted workspace's programs",
    {},
    { trusted: false, enabled: false },
    "untrusted",
  ],
  ["nothing while switched off", {}, { enabled: false }, "disabled"],
  ["nothing into an excluded configuration", {}, { excludeConfigurations: ["b", "a"] }, "excluded"],
  ["another name is not excluded", {}, { excludeConfigurations: ["aa", "A"] }, "complete"],
  ["nothing can be put into what is attached to", { request: "attach" }, {}, "attached"],
  ["an unknown type is left alone", { type: "mock" }, {}, "unknown-type"],
  ["a type named like an object's own is unknown", { type: "constructor" }, {}, "unknown-type"],
  ["a target of js-debug's is a child", { __pendingTargetId: "1" }, { trusted: false }, "child"],
];
test.each(cases)("%s", (_title, attributes, policy, decided) => {
  const configuration = { type: "node", request: "launch", name: "a", ...attributes };
  expect(decideLaunch(configuration, { ...open, ...policy }).kind).toBe(decided);
});
