import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
// Declares `window.fakeHost` to whoever opens the panel.
import type {} from "./fake-host.ts";
import { THEMES } from "./themes.ts";

export type ThemeName = keyof typeof THEMES;

const root = fileURLToPath(new URL("../../../", import.meta.url));
const ORIGIN = "http://panel.test";
const NONCE = "bm9uY2U";

/** The same policy that the extension host gives the webview; what it forbids fails a test. */
const POLICY = `default-src 'none'; script-src 'nonce-${NONCE}'; style-src ${ORIGIN}; font-src ${ORIGIN}`;

export interface PanelPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and refusals that the page reported, which should be none. */
  readonly complaints: readonly string[];
}

let bundled: Promise<ReadonlyMap<string, string | Buffer>> | undefined;

/** Opens the panel in a page of its own, joined to a fake host at `window.fakeHost`. */
export async function openPanel(
  browser: Browser,
  options: { readonly theme?: ThemeName; readonly width?: number; readonly height?: number } = {},
): Promise<PanelPage> {
  bundled ??= bundle();
  const files = await bundled;
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1360, height: options.height ?? 440 },
    reducedMotion: "no-preference",
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  await page.route(`${ORIGIN}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === "favicon.ico") return route.fulfill({ status: 204 });
    if (name === "")
      return route.fulfill({ contentType: "text/html", body: htmlFor(options.theme ?? "dark") });
    const body = files.get(name);
    if (body === undefined) return route.fulfill({ status: 404 });
    return route.fulfill({ contentType: contentType(name), body });
  });
  await page.goto(`${ORIGIN}/`);
  return { page, context, complaints };
}

async function bundle(): Promise<ReadonlyMap<string, string | Buffer>> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: {
      panel: "webview/main.ts",
      "panel-style": "webview/panel.css",
      "fake-host": "test/webview/harness/fake-host.ts",
    },
    bundle: true,
    write: false,
    outdir: "out",
    platform: "browser",
    target: "es2022",
    format: "iife",
    logLevel: "silent",
  });
  const files = new Map<string, string | Buffer>();
  for (const file of result.outputFiles) files.set(file.path.split(/[\\/]/).at(-1) ?? "", file.text);
  for (const name of ["codicon.css", "codicon.ttf"]) {
    files.set(name, readFileSync(`${root}node_modules/@vscode/codicons/dist/${name}`));
  }
  return files;
}

function htmlFor(theme: ThemeName): string {
  const { bodyClass, variables } = THEMES[theme];
  const setVariables = Object.entries(variables)
    .map(
      ([name, value]) =>
        `document.documentElement.style.setProperty("--vscode-${name}", ${JSON.stringify(value)});`,
    )
    .join("\n");
  // A webview is transparent; what it stands on has the panel's colour.
  const ground = `document.documentElement.style.background = "var(--vscode-panel-background)";`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="stylesheet" href="/codicon.css">
<link rel="stylesheet" href="/panel-style.css">
<script nonce="${NONCE}">${setVariables}${ground}</script>
</head>
<body class="${bodyClass}">
<div id="panel"></div>
<script nonce="${NONCE}" src="/fake-host.js"></script>
<script nonce="${NONCE}" src="/panel.js"></script>
</body>
</html>`;
}

function contentType(name: string): string {
  if (name.endsWith(".css")) return "text/css";
  return name.endsWith(".ttf") ? "font/ttf" : "text/javascript";
}
