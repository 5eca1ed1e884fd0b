import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
import { until, type Theme, type VsCode } from "../harness/vs-code.ts";
import { temporaryWorkspace } from "../harness/workspace.ts";

const port = 4651;
const workspace = temporaryWorkspace({
  "shop/package.json": { name: "shop" },
  "shop/main.js": `const http = require("node:http");
const prices = "http://127.0.0.1:${port}/price";

async function price(request) {
  const reply = await fetch(prices + request.url);
  if (!reply.ok) throw new Error("no price");
  return reply.text();
}

http
  .createServer(async (request, response) => {
    if (request.url === "/price/none") return request.socket.destroy();
    if (request.url.startsWith("/price")) return response.end("12");
    try {
      response.end(await price(request));
    } catch (error) {
      response.writeHead(500).end(error.message);
    }
  })
  .listen(${port}, "127.0.0.1");
`,
  ".vscode/launch.json": {
    version: "0.2.0",
    configurations: [
      { name: "shop", type: "node", request: "launch", program: "${workspaceFolder}/shop/main.js" },
    ],
  },
  ".vscode/settings.json": {},
});
const CALL_LINE = 5;
const themes: readonly Theme[] = ["light", "hc-dark", "hc-light", "dark"];

/** Of each side that is open, from the left: the lens, the notes at line ends, and the lines with a mark. */
async function sides(code: VsCode): Promise<readonly Side[]> {
  return code.page.locator(".editor-group-container .monaco-editor[data-uri]").evaluateAll((editors) =>
    editors.map((editor) => {
      const lines = new Map(
        [...editor.querySelectorAll(".margin-view-overlays .line-numbers")].map((number) => [
          Math.round(number.getBoundingClientRect().top),
          Number(number.textContent),
        ]),
      );
      const notes = [...editor.querySelectorAll('.view-line [class*="ced-"]')].flatMap((span) => {
        const text = getComputedStyle(span, "::after").content.replace(/^"|"$/g, "");
        const line = lines.get(Math.round(span.closest(".view-line")?.getBoundingClientRect().top ?? 0));
        return text.includes("×") ? [`${line}: ${text}`] : [];
      });
      const marks = [...editor.querySelectorAll(".glyph-margin-widgets .cgmr")].map((mark) =>
        lines.get(Math.round(mark.getBoundingClientRect().top)),
      );
      const lenses = [...editor.querySelectorAll(".codelens-decoration a")].map((lens) => lens.textContent);
      return { notes, marks, lenses };
    }),
  );
}

interface Side {
  readonly notes: readonly string[];
  readonly marks: readonly (number | undefined)[];
  readonly lenses: readonly (string | null)[];
}

scene(
  "a file that is open on two sides: lenses, notes and marks on both, moved by edits, switched off at once, in each theme",
  {
    workspace,
    timeoutS: 240,
    viewport: { width: 1600, height: 900 },
    settings: {
      "workbench.activityBar.location": "hidden",
      "editor.minimap.enabled": false,
      "files.autoSave": "off",
    },
  },
  async (code) => {
    await code.pressF5();
    for (const path of ["/a", "/b", "/none"]) await waitForAnswer(`http://127.0.0.1:${port}${path}`);
    await code.runCommand("View: Close Primary Side Bar");
    await code.openFile("shop/main.js");
    await code.runCommand("View: Split Editor Right");
    const settle = (what: string, isSo: (side: Side) => boolean): Promise<void> =>
      until(
        what,
        async () => {
          const both = await sides(code);
          return both.length === 2 && both.every(isSo);
        },
        async () => JSON.stringify(await sides(code), undefined, 2),
      );
    const shown =
      (line: number) =>
      (side: Side): boolean =>
        side.notes.some((note) => note.startsWith(`${line}: 3× · `) && note.endsWith("1 error")) &&
        side.marks.includes(line) &&
        side.lenses.some((lens) => lens?.includes("p50"));
    await settle("both sides to tell of the line that calls", shown(CALL_LINE));
    for (const theme of themes) {
      await code.useTheme(theme);
      await code.screenshot(`test-results/images/editor-sides-${theme}.png`);
    }

    await code.openFile("shop/main.js", 1);
    await code.page.keyboard.press("End");
    await code.page.keyboard.press("Enter");
    await settle("an inserted line to move them on both sides", shown(CALL_LINE + 1));
    await code.page.keyboard.press("Control+z");
    await settle("undoing to move them back", shown(CALL_LINE));

    const settings = join(workspace, ".vscode", "settings.json");
    writeFileSync(settings, JSON.stringify({ "spanlight.editor.gutter": false }));
    await settle(
      "the marks to go, and nothing else",
      (side) => side.marks.length === 0 && side.notes.length > 0,
    );
    writeFileSync(settings, JSON.stringify({ "spanlight.editor.lineNotes": false }));
    await settle(
      "the notes to go, and the marks to come back",
      (side) => side.notes.length === 0 && side.marks.length > 0,
    );
    writeFileSync(settings, JSON.stringify({ "spanlight.editor.lens": false }));
    await settle("the lens to go", (side) => side.lenses.length === 0 && side.notes.length > 0);
    writeFileSync(settings, "{}");
    await settle("all of it to be there again", shown(CALL_LINE));
  },
);
