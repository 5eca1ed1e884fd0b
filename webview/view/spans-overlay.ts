import { html, nothing, render, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { TraceColumns } from "../../src/model/trace.ts";
import { BAR_HEIGHT_PX, barTop } from "../draw/scene.ts";
import type { LaneLayout } from "../layout/lanes.ts";
import { spansWithElements } from "../layout/span-elements.ts";
import { endOf } from "../layout/self-time.ts";
import type { SiblingPlaces } from "../layout/sibling-places.ts";
import { xOfNs, type Viewport } from "../layout/viewport.ts";
import { accessibleSpanName } from "./span-words.ts";
import { styles } from "./styles.ts";

export interface OverlayScene {
  readonly columns: TraceColumns;
  readonly lanes: LaneLayout;
  readonly places: SiblingPlaces;
  readonly view: Viewport;
  readonly widthPx: number;
  readonly edgeNs: number;
  readonly selected: number | undefined;
  /** The span that the paused thread is in. */
  readonly active: number | undefined;
}

/** Elements for the spans, transparent and exactly over their bars: what a screen reader walks and points at. */
export function renderSpansOverlay(scene: OverlayScene, into: HTMLElement): void {
  const spans = spansWithElements(scene.columns, scene.selected);
  render(
    repeat(
      spans,
      (span) => scene.columns.row[span],
      (span) => spanElement(scene, span),
    ),
    into,
  );
}

/** The id of a span's element. */
export function spanElementId(row: number): string {
  return `span-${row}`;
}

function spanElement(scene: OverlayScene, span: number): TemplateResult {
  const { columns, lanes, places, view, widthPx } = scene;
  const x0 = xOfNs(view, widthPx, columns.start[span] ?? 0);
  const x1 = xOfNs(view, widthPx, endOf(columns, span, scene.edgeNs));
  const left = Math.min(Math.max(x0, 0), widthPx - 2);
  const right = Math.max(Math.min(x1, widthPx), left + 2);
  const style = {
    left: `${left.toFixed(1)}px`,
    width: `${(right - left).toFixed(1)}px`,
    top: `${barTop(lanes.lane[span] ?? 0, 0)}px`,
    height: `${BAR_HEIGHT_PX}px`,
    // Out of view the element stays for readers, but takes no click that is meant for another bar.
    "pointer-events": x1 < 0 || x0 > widthPx ? "none" : "auto",
  };
  return html`<div
    role="treeitem"
    id=${spanElementId(columns.row[span] ?? -1)}
    class="span-place"
    data-span=${span}
    aria-label=${accessibleSpanName(columns, span, scene.edgeNs, span === scene.active)}
    aria-level=${(columns.depth[span] ?? 0) + 1}
    aria-posinset=${places.place[span] ?? 1}
    aria-setsize=${places.size[span] ?? 1}
    aria-expanded=${places.hasChildren[span] === 1 ? "true" : nothing}
    aria-selected=${span === scene.selected ? "true" : "false"}
    ${styles(style)}
  ></div>`;
}
