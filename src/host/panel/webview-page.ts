import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { Connection } from "../../protocol/connection.ts";
import { panelHtml } from "./panel-html.ts";

/** Puts the panel's page into a webview, and returns the host's end of the link to it. */
export function loadPanelPage(webview: vscode.Webview, extensionUri: vscode.Uri): Connection {
  const root = vscode.Uri.joinPath(extensionUri, "dist", "webview");
  const uriOf = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
  webview.options = { enableScripts: true, localResourceRoots: [root] };
  // Listening before the page can speak.
  const connection = new Connection({
    post(message) {
      void webview.postMessage(message);
    },
    listen: (receive) => webview.onDidReceiveMessage(receive),
  });
  webview.html = panelHtml({
    cspSource: webview.cspSource,
    nonce: randomBytes(18).toString("base64url"),
    scriptUri: uriOf("panel.js"),
    styleUri: uriOf("panel-style.css"),
    codiconUri: uriOf("codicon.css"),
  });
  return connection;
}
