import { disposable } from "../src/base/dispose.ts";
import { Connection, type Port } from "../src/protocol/connection.ts";
import { PanelModel } from "./state/panel-model.ts";
import { App } from "./view/app.ts";

/** The panel's entry: joins VS Code's webview, the model and the view. */
function main(): void {
  const vscode = acquireVsCodeApi();
  const port: Port = {
    post: (message) => vscode.postMessage(message),
    listen(receive) {
      const listener = (event: MessageEvent<unknown>): void => receive(event.data);
      window.addEventListener("message", listener);
      return disposable(() => window.removeEventListener("message", listener));
    },
  };
  const root =
    document.querySelector<HTMLElement>("#panel") ?? document.body.appendChild(document.createElement("div"));
  root.id = "panel";
  let redraw: () => void = () => undefined;
  const model = new PanelModel(new Connection(port), vscode, () => redraw());
  const app = new App(model, root);
  redraw = () => app.requestDraw();
  model.start();
  app.requestDraw();
}

main();
