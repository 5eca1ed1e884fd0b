// Drives the embedded VS Code as a person does: in a browser, with the .vsix installed, by keys and clicks.
import { rmSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, FrameLocator, Locator, Page } from "playwright-core";
import { descendants, endProcessTree } from "../../../scripts/process-tree.mjs";
import { chromiumArguments, installChromium } from "../../../scripts/vscode/chromium.mjs";
import { cacheFolder, installEmbeddedVsCode } from "../../../scripts/vscode/install.mjs";
import type { Server } from "../../../scripts/vscode/server.mjs";
import {
  installVsix,
  plainWorkbench,
  startServer,
  userDataOf,
  workbenchUrl,
} from "../../../scripts/vscode/server.mjs";
import { projectFolder } from "../../../scripts/vsix.mjs";

/** The workbench is up in 4 seconds here; a first start on a busy machine takes several times that. */
const workbenchTimeoutMs = 60_000;
/** From a key press to what it shows. */
const actionTimeoutMs = 20_000;
/** Until something is tried again that has no effect when it comes too early. */
const retryMs = 2_500;
/** Until F5 is pressed again: a session that is starting shows nothing for some seconds. */
const debugStartMs = 6_000;
/** Starting a debugger activates extensions first: up to 10 seconds on a first start. */
const debugTimeoutMs = 60_000;

const themes = {
  dark: "Dark 2026",
  light: "Light 2026",
  "hc-dark": "Default High Contrast",
  "hc-light": "Default High Contrast Light",
};

export type Theme = keyof typeof themes;

/** What the list of themes calls them. */
const themeLabels: Readonly<Record<Theme, string>> = {
  dark: "Dark 2026",
  light: "Light 2026",
  "hc-dark": "Dark High Contrast",
  "hc-light": "Light High Contrast",
};

/** What the workbench's element is marked with. */
const themeClasses: Readonly<Record<Theme, string>> = {
  dark: "vs-dark",
  light: "vs",
  "hc-dark": "hc-black",
  "hc-light": "hc-light",
};

export interface StartOptions {
  /** A folder or .code-workspace file, absolute or relative to the project's folder. */
  readonly workspace: string;
  /** The package to install; only the first start of a process installs it. */
  readonly vsix: string;
  /** User settings, over a plain workbench's. The workspace is trusted unless `security.workspace.trust.enabled` is set to true. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly theme?: Theme;
  /** Size of the browser's page in CSS pixels; 1400 × 900 by default. */
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Where the cursor of the active editor is; line and column count from 1, as the status bar shows them. */
export interface CursorPosition {
  /** Absolute path on disk. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A running VS Code, open on a workspace. Every function waits until what it does has happened, and rejects when that takes too long. */
export interface VsCode {
  /** The workbench's page, for everything that has no function here. */
  readonly page: Page;
  /** Absolute path of what is open. */
  readonly workspace: string;
  /** Runs a command of the palette by its full title, such as "Spanlight: Clear Traces". `asks`: it goes on in the quick input. */
  runCommand(title: string, asks?: "asks"): Promise<void>;
  /** Presses F5, which starts the configuration selected (the first of launch.json, or its first compound), and waits for the debug toolbar. */
  pressF5(): Promise<void>;
  /** Starts the configuration or compound of this name, and waits for the debug toolbar. */
  startDebugging(configuration: string): Promise<void>;
  /** Ends all debug sessions and waits until the toolbar is gone. */
  stopDebugging(): Promise<void>;
  /** Opens a file of the workspace, at a line when given, and waits until it is the active editor. */
  openFile(path: string, line?: number): Promise<void>;
  /** The active editor's file and cursor; rejects when no text editor is active. */
  cursorPosition(): Promise<CursorPosition>;
  /** Waits until the cursor is in a file with this ending at this line, and says where when it is not. */
  waitForCursor(fileEnding: string, line: number): Promise<CursorPosition>;
  /** Waits for the Spanlight panel to be drawn and gives its document. It is not opened: run its command, or press F5, first. */
  panelFrame(): Promise<FrameLocator>;
  /** Loads the window anew, as "Developer: Reload Window" does, and waits until it is up. */
  reload(): Promise<void>;
  /** Chooses another colour theme from VS Code's list, and waits until the workbench wears it. */
  useTheme(theme: Theme): Promise<void>;
  /** Saves the page as a PNG; a relative path is relative to the project's folder. */
  screenshot(file: string): Promise<void>;
  /** Closes the page and ends what was started in it (extension host, programs, terminals). */
  stop(): Promise<void>;
}

interface Host {
  readonly server: Server;
  readonly browser: Browser;
  readonly settingsFile: string;
  readonly machineSettingsFile: string;
}

let host: Promise<Host> | undefined;

/**
 * Opens VS Code. The server and the browser are shared by all starts of this process (a start costs 10 seconds, a page 4), so only one
 * page may be open at a time; window, storage, settings and extension host are new each time.
 */
export async function startVsCode(options: StartOptions): Promise<VsCode> {
  host ??= startHost(options.vsix);
  const { server, browser, settingsFile, machineSettingsFile } = await host;
  const settings = userSettings(options);
  writeFileSync(settingsFile, JSON.stringify(settings, undefined, 2));
  // Settings that are the machine's own are read from here, as the server is another machine to VS Code.
  const ofMachine = Object.entries(settings).filter(([name]) => name.startsWith("spanlight."));
  writeFileSync(machineSettingsFile, JSON.stringify(Object.fromEntries(ofMachine), undefined, 2));

  const context = await browser.newContext({ viewport: options.viewport ?? { width: 1400, height: 900 } });
  const workspace = resolve(projectFolder, options.workspace);
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(actionTimeoutMs);
    await page.goto(workbenchUrl(server.origin, { open: workspace }), { timeout: workbenchTimeoutMs });
    await waitForWorkbench(page);
    return controls(page, workspace, () => closePage(context, server));
  } catch (error) {
    await closePage(context, server);
    throw error;
  }
}

/** Ends the shared server and browser, when there are any. */
export async function stopHost(): Promise<void> {
  const running = await host?.catch(() => undefined);
  host = undefined;
  await running?.browser.close();
  await running?.server.stop();
}

async function startHost(vsix: string): Promise<Host> {
  const [executablePath, vscode] = [await installChromium(), await installEmbeddedVsCode()];
  const profile = join(cacheFolder, "scenes");
  rmSync(profile, { recursive: true, force: true });
  const settingsIn = (folder: string): string => join(userDataOf(profile), folder, "settings.json");
  for (const folder of ["User", "Machine"]) mkdirSync(dirname(settingsIn(folder)), { recursive: true });
  // Once a first extension is installed, links are no longer seen.
  mkdirSync(join(profile, "extensions"), { recursive: true });
  symlinkSync(
    join(projectFolder, "test", "fixtures", "debug-adapters"),
    join(profile, "extensions", "spanlight-tests.debug-adapters-0.0.1"),
  );
  await installVsix(vscode, { profile }, vsix);
  // A closed page is not waited for: its extension host would keep the ports of the next one.
  const server = await startServer(vscode, { profile, args: ["--reconnection-grace-time", "1"] });
  const browser = await chromium.launch({ executablePath, args: chromiumArguments });
  return {
    server,
    browser,
    settingsFile: settingsIn("User"),
    machineSettingsFile: settingsIn("Machine"),
  };
}

function userSettings({ settings = {}, theme = "dark" }: StartOptions): Record<string, unknown> {
  return {
    ...plainWorkbench,
    "security.workspace.trust.enabled": false,
    "terminal.integrated.enablePersistentSessions": false,
    // Toasts about forwarded ports would cover what a scene clicks.
    "remote.autoForwardPorts": false,
    "window.autoDetectColorScheme": false,
    "window.autoDetectHighContrast": false,
    "workbench.colorTheme": themes[theme],
    // A workspace that several scenes open would show the traces of the one before.
    "spanlight.sessionLog.enabled": false,
    ...settings,
  };
}

/** Up means: drawn, and the extension host has told what the installed extensions contribute. Before that, keys and palette do little. */
async function waitForWorkbench(page: Page): Promise<void> {
  await page.locator(".monaco-workbench").waitFor({ timeout: workbenchTimeoutMs });
  await quickOpenEntry(page, ">Spanlight: ", "Spanlight");
  await page.keyboard.press("Escape");
}

async function closePage(context: BrowserContext, server: Server): Promise<void> {
  // An extension host may end with its page: its programs are no longer known as its own then.
  const before = sessionProcesses(server);
  await context.close();
  await endProcessTree(...new Set([...before, ...sessionProcesses(server)]));
}

/** The server itself and its pty host serve the next page; extension hosts with their programs, and terminals, are this page's. */
function sessionProcesses({ pid }: Server): readonly number[] {
  const running = descendants(pid);
  const ofTheServer = running.filter(
    (each) => each.parent === pid && /--type=(ptyHost|agentHost)/.test(each.command),
  );
  const kept = new Set(ofTheServer.map((each) => each.pid));
  return running.map((each) => each.pid).filter((each) => !kept.has(each));
}

function controls(page: Page, workspace: string, stop: () => Promise<void>): VsCode {
  const code: VsCode = {
    page,
    workspace,
    runCommand: (title, asks) => quickOpen(page, `>${title}`, title, asks === undefined),
    async pressF5() {
      const toolbar = page.locator(".debug-toolbar");
      const another = page.getByRole("dialog", { name: /already running/ });
      // Too early a press only opens the Run view; one more, while a session is starting, may ask whether there shall be two.
      const pressed = async (): Promise<boolean> => {
        await page.keyboard.press("F5");
        await toolbar.or(another).first().waitFor({ timeout: debugStartMs });
        if (await another.isVisible()) await another.getByRole("button", { name: "Cancel" }).click();
        await toolbar.waitFor({ timeout: debugStartMs });
        return true;
      };
      await until("F5 to start a debug session", pressed, undefined, debugTimeoutMs);
    },
    async startDebugging(configuration) {
      await quickOpen(page, `debug ${configuration}`, configuration);
      await page.locator(".debug-toolbar").waitFor({ timeout: debugTimeoutMs });
    },
    async stopDebugging() {
      const toolbar = page.locator(".debug-toolbar");
      // A compound without "stopAll" ends one session a key press.
      while (await toolbar.isVisible()) {
        await page.keyboard.press("Shift+F5");
        await toolbar.waitFor({ state: "hidden", timeout: 5_000 }).catch(() => undefined);
      }
    },
    async openFile(path, line) {
      await quickOpen(page, line === undefined ? path : `${path}:${line}`, path.split("/").at(-1) ?? path);
      await until(
        `${path} to be the active editor`,
        async () => (await activeFile(page))?.endsWith(path) === true,
      );
    },
    cursorPosition: () => cursorPosition(page),
    async waitForCursor(fileEnding, line) {
      await until(
        `the cursor to be in ${fileEnding}:${line}`,
        async () => {
          const at = await cursorPosition(page);
          return at.file.endsWith(fileEnding) && at.line === line;
        },
        async () => JSON.stringify(await cursorPosition(page)),
      );
      return cursorPosition(page);
    },
    panelFrame: () => panelFrame(page),
    async reload() {
      await page.reload({ timeout: workbenchTimeoutMs });
      await waitForWorkbench(page);
    },
    async useTheme(theme) {
      const label = themeLabels[theme];
      await quickOpen(page, ">Preferences: Color Theme", "Preferences: Color Theme", false);
      const input = page.locator(".quick-input-widget:visible input").first();
      const entry = page.locator(".quick-input-list .monaco-list-row", { hasText: label }).first();
      await input.fill(label);
      await entry.click();
      await page.locator(`.monaco-workbench.${themeClasses[theme]}`).waitFor();
    },
    async screenshot(file) {
      const path = resolve(projectFolder, file);
      mkdirSync(dirname(path), { recursive: true });
      await page.screenshot({ path });
    },
    stop,
  };
  return code;
}

/**
 * Types into the quick input and takes the first entry whose label holds `label`. The list is of the moment it was opened in, so it is
 * opened again until extensions and files that were still loading are in it.
 * @param closes whether the quick input is gone afterwards; some commands go on in it
 */
async function quickOpen(page: Page, text: string, label: string, closes = true): Promise<void> {
  const entry = await quickOpenEntry(page, text, label);
  await entry.click();
  // Where the list was, something with a tooltip may be now.
  await page.mouse.move(0, 0);
  if (closes) await page.locator(".quick-input-widget:visible").waitFor({ state: "hidden" });
}

async function quickOpenEntry(page: Page, text: string, label: string): Promise<Locator> {
  const entry = page.locator(".quick-input-list .monaco-list-row", { hasText: label }).first();
  await until(
    `"${label}" to be offered for "${text}"`,
    async () => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("F1");
      await page.locator(".quick-input-widget:visible input").first().fill(text, { timeout: retryMs });
      await entry.waitFor({ timeout: retryMs });
      return true;
    },
    () => page.locator(".quick-input-list").innerText({ timeout: retryMs }),
    workbenchTimeoutMs,
  );
  return entry;
}

async function activeFile(page: Page): Promise<string | undefined> {
  const editor = page
    .locator(".editor-group-container.active .editor-container .monaco-editor[data-uri]")
    .first();
  const uri = (await editor.count()) === 0 ? null : await editor.getAttribute("data-uri");
  // vscode-remote://127.0.0.1:PORT/abs/file here, file:///abs/file on a desktop.
  return uri === null
    ? undefined
    : decodeURIComponent(
        new URL(uri.replace(/^[\w-]+:/, "http:").replace("http:///", "http://file/")).pathname,
      );
}

async function cursorPosition(page: Page): Promise<CursorPosition> {
  const file = await activeFile(page);
  if (file === undefined) throw new Error("no text editor is active");
  const text = (await page.locator('[id="status.editor.selection"]').textContent()) ?? "";
  const [, line, column] = /Ln (\d+), Col (\d+)/.exec(text) ?? [];
  if (line === undefined || column === undefined)
    throw new Error(`the status bar shows no cursor but "${text}"`);
  return { file, line: Number(line), column: Number(column) };
}

/** Webviews lie at the top of the page, not in their views; ours is known by its script. */
async function panelFrame(page: Page): Promise<FrameLocator> {
  let found: FrameLocator | undefined;
  await until("the Spanlight panel to be drawn", async () => {
    const outer = page.locator("iframe.webview.ready");
    for (let index = 0; index < (await outer.count()); index++) {
      const inner = outer.nth(index).contentFrame().locator("iframe#active-frame").contentFrame();
      if ((await inner.locator('script[src*="/dist/webview/panel"]').count()) > 0) found = inner;
    }
    return found !== undefined;
  });
  if (found === undefined) throw new Error("no panel");
  return found;
}

/**
 * Waits until `condition` holds; one that rejects does not hold yet.
 * @throws an Error that says what was waited for, and what `state` tells of the last moment
 */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  state: () => Promise<string> = () => Promise.resolve(""),
  timeoutMs = actionTimeoutMs,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) {
      const last = await state().catch(String);
      throw new Error(
        `waited ${timeoutMs / 1000} s in vain for ${what}${last === "" ? "" : `; it is ${last}`}`,
      );
    }
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
