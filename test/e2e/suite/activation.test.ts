import assert from "node:assert/strict";
import { suite, test } from "mocha";
import * as vscode from "vscode";

suite("the extension", () => {
  const extension = vscode.extensions.getExtension("spanlight.spanlight");

  test("is loaded and waits for a debug session or a command", () => {
    assert.equal(extension?.isActive, false);
  });

  test("contributes its commands under its name", () => {
    const { contributes } = extension?.packageJSON as {
      contributes?: { commands?: { category?: string }[] };
    };
    const commands = contributes?.commands ?? [];
    assert.notEqual(commands.length, 0);
    assert.deepEqual([...new Set(commands.map(({ category }) => category))], ["Spanlight"]);
  });
});
