import type { FrameLocator, Locator } from "playwright-core";
import { until, type VsCode } from "./vs-code.ts";

/** The panel's parts by the names that docs/accessibility.md promises. */
export interface Panel {
  readonly frame: FrameLocator;
  readonly search: Locator;
  /** The rows of the list whose trace has a name that begins so. */
  traces(name: string): Locator;
  /** The spans of the open trace; their names begin with the span's name. */
  spans(name?: string | RegExp): Locator;
  readonly details: Locator;
  /** Opens the newest trace whose name begins so, and waits for its spans. */
  openTrace(name: string): Promise<void>;
}

export async function panelOf(code: VsCode): Promise<Panel> {
  const frame = await code.panelFrame();
  const list = frame.getByRole("listbox", { name: "Traces" });
  const tree = frame.getByRole("tree", { name: "Spans" });
  const panel: Panel = {
    frame,
    search: frame.getByRole("searchbox", { name: "Search traces" }),
    traces: (name) => list.getByRole("option", { name: new RegExp(`^${escaped(name)}`) }),
    spans: (name) => (name === undefined ? tree.getByRole("treeitem") : tree.getByRole("treeitem", { name })),
    details: frame.getByRole("region", { name: "Span details" }),
    async openTrace(name) {
      await panel.traces(name).first().click();
      // The list stands still under the pointer.
      await code.page.mouse.move(0, 0);
      await panel
        .spans(new RegExp(`^${escaped(name)}`))
        .first()
        .waitFor();
    },
  };
  return panel;
}

/** The accessible names of all spans that the timeline holds. */
export function spanNames(panel: Panel): Promise<readonly string[]> {
  return panel.spans().evaluateAll((items) => items.map((item) => item.getAttribute("aria-label") ?? ""));
}

/** Waits until the open trace is complete enough, and says what it held when it is not. */
export async function waitForSpans(
  panel: Panel,
  what: string,
  enough: (names: readonly string[]) => boolean,
): Promise<void> {
  await until(
    what,
    async () => enough(await spanNames(panel)),
    async () => (await spanNames(panel)).join("\n"),
  );
}

/** How many different colours the timeline's canvas shows: a painted one has many, an empty one has one. */
export function paintedColours(panel: Panel): Promise<number> {
  return panel.frame
    .locator("canvas")
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const context = canvas.getContext("2d");
      if (context === null || canvas.width === 0) return 0;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
