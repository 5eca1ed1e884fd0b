import * as vscode from "vscode";
import type { SourceOpener } from "../source/source-opener.ts";
import type { PanelHub } from "./panel-hub.ts";
import { answerPanelRequests } from "./panel-requests.ts";
import { loadPanelPage } from "./webview-page.ts";

/** Ids of package.json. */
export const PANEL_VIEW = "spanlight.panel";
const PANEL_TAB = "spanlight.tab";

/** Where the panel can stand: as a view, in VS Code's bottom panel at first, and as an editor tab. */
export class PanelPlaces
  implements vscode.Disposable, vscode.WebviewViewProvider, vscode.WebviewPanelSerializer
{
  readonly #extensionUri: vscode.Uri;
  readonly #hub: PanelHub;
  readonly #source: SourceOpener;
  readonly #registered: vscode.Disposable;
  #tab: vscode.WebviewPanel | undefined;

  constructor(extensionUri: vscode.Uri, hub: PanelHub, source: SourceOpener) {
    this.#extensionUri = extensionUri;
    this.#hub = hub;
    this.#source = source;
    this.#registered = vscode.Disposable.from(
      vscode.window.registerWebviewViewProvider(PANEL_VIEW, this),
      vscode.window.registerWebviewPanelSerializer(PANEL_TAB, this),
    );
  }

  /** Shows the panel where it stands; the view is opened where it stands nowhere. */
  async show(preserveFocus: boolean): Promise<void> {
    if (this.#tab !== undefined) this.#tab.reveal(undefined, preserveFocus);
    else await vscode.commands.executeCommand(`${PANEL_VIEW}.focus`, { preserveFocus });
  }

  /** Opens the panel as an editor tab beside the code, or shows the tab that there is. */
  openBeside(): void {
    if (this.#tab !== undefined) {
      this.#tab.reveal();
      return;
    }
    const tab = vscode.window.createWebviewPanel(PANEL_TAB, "Spanlight", {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
    });
    this.#adopt(tab);
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#load(view.webview, view.onDidDispose);
  }

  /** The tab of a window that was reloaded. */
  deserializeWebviewPanel(tab: vscode.WebviewPanel): Promise<void> {
    this.#adopt(tab);
    return Promise.resolve();
  }

  dispose(): void {
    this.#registered.dispose();
    this.#tab?.dispose();
  }

  #adopt(tab: vscode.WebviewPanel): void {
    this.#tab = tab;
    tab.iconPath = vscode.Uri.joinPath(this.#extensionUri, "media", "icon.svg");
    tab.onDidDispose(() => {
      if (this.#tab === tab) this.#tab = undefined;
    });
    this.#load(tab.webview, tab.onDidDispose);
  }

  #load(webview: vscode.Webview, onDidDispose: vscode.Event<unknown>): void {
    const connection = loadPanelPage(webview, this.#extensionUri);
    answerPanelRequests(connection, this.#source);
    const attached = this.#hub.attach(connection);
    onDidDispose(() => attached.dispose());
  }
}
