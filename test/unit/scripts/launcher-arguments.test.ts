import { expect, test } from "vitest";
import { parseLauncherArguments } from "../../e2e/host/arguments.mjs";

test("the arguments of test-electron are told apart: passed on, opened, without effect", () => {
  const args = [
    "examples/shop",
    "--user-data-dir=/u",
    "--extensions-dir=.vscode-test/extensions",
    "--disable-workspace-trust",
    "--no-sandbox",
    "--extensionTestsPath=/t/index.cjs",
    "--extensionDevelopmentPath=/one",
    "--extensionDevelopmentPath=two",
  ];
  expect(parseLauncherArguments(args, "/project")).toEqual({
    open: "/project/examples/shop",
    developmentPaths: ["/one", "/project/two"],
    testsPath: "/t/index.cjs",
    userData: "/u",
    extensions: "/project/.vscode-test/extensions",
    disableWorkspaceTrust: true,
    version: false,
    ignored: ["--no-sandbox"],
  });
});

test("without anything to open, nothing is opened", () => {
  expect(parseLauncherArguments(["--version"], "/project")).toMatchObject({ open: undefined, version: true });
});
