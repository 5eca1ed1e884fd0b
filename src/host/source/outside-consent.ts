import * as vscode from "vscode";

const KEY = "source.allowedOutside";
const MAX_REMEMBERED = 500;

/** Asks before a file outside the workspace is opened, since telemetry named it; a yes is remembered for that file. */
export class OutsideConsent {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  async allows(uri: vscode.Uri): Promise<boolean> {
    const key = uri.toString();
    const allowed = this.#memory.get<readonly string[]>(KEY, []);
    if (allowed.includes(key)) return true;
    const open: vscode.MessageItem = { title: "Open File" };
    const answer = await vscode.window
      .showWarningMessage(
        `Open ${uri.fsPath}?`,
        { modal: true, detail: "The trace names this file, and it lies outside your workspace." },
        open,
      )
      .then(undefined, () => undefined);
    if (answer !== open) return false;
    await this.#memory.update(KEY, [...allowed, key].slice(-MAX_REMEMBERED));
    return true;
  }
}
