import assert from "node:assert/strict";
import { scene } from "../harness/scene.ts";
import { temporaryWorkspace } from "../harness/workspace.ts";

scene(
  "the sample workspace opens and its files can be gone to",
  { workspace: "examples/shop" },
  async (code) => {
    await code.openFile("payment/main.js", 3);
    const { file, line } = await code.cursorPosition();
    assert.equal(file, `${code.workspace}/payment/main.js`);
    assert.equal(line, 3);
  },
);

const program = temporaryWorkspace({
  "app.js": "console.log('started');\nsetInterval(() => {}, 1000);\n",
  ".vscode/launch.json": {
    version: "0.2.0",
    configurations: [{ name: "app", type: "node", request: "launch", program: "${workspaceFolder}/app.js" }],
  },
});

scene(
  "F5 starts the program under the debugger and Shift+F5 ends it",
  { workspace: program },
  async (code) => {
    await code.pressF5();
    await code.stopDebugging();
    assert.equal(await code.page.locator(".debug-toolbar").isVisible(), false);
  },
);

scene("the installed extension has its commands in the palette", { workspace: program }, async (code) => {
  await code.page.keyboard.press("F1");
  await code.page.locator(".quick-input-widget:visible input").first().fill(">Spanlight: ");
  await code.page.locator(".quick-input-list .monaco-list-row", { hasText: "Spanlight" }).first().waitFor();
});
