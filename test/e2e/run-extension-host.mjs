// @ts-check
// Runs test/e2e/suite/*.test.ts inside a real VS Code's extension host.
//
//   node test/e2e/run-extension-host.mjs [--desktop]   the VS Code that @vscode/test-electron downloads, instead of the embedded one
import { join } from "node:path";
import { parseArgs } from "node:util";
import { projectFolder } from "../../scripts/vsix.mjs";
import { runInVsCode } from "./host/run-in-vs-code.mjs";

const { values } = parseArgs({ options: { desktop: { type: "boolean" } } });
try {
  await runInVsCode({
    files: ["test/e2e/suite/*.ts"],
    main: "index",
    workspace: join(projectFolder, "examples", "shop"),
    desktop: values.desktop ?? false,
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
