import { html, type TemplateResult } from "lit";
import { iconButton } from "./icon.ts";
import { KEY_ROWS } from "./keys.ts";

const GESTURES: readonly (readonly [string, string])[] = [
  ["wheel, pinch", "zoom at the pointer"],
  ["drag, wheel sideways", "move along the time"],
  ["Shift + wheel", "move over the lanes"],
  ["Shift + drag", "measure a time range"],
  ["click", "select, show the line"],
  ["Ctrl/Cmd + click", "go to the line"],
  ["double click", "zoom to the span"],
];

/** All keys and gestures. */
export function keyHelp(close: () => void): TemplateResult {
  return html`<div
    class="key-help"
    role="dialog"
    aria-label="Keys"
    aria-modal="true"
    tabindex="-1"
    @keydown=${(event: KeyboardEvent) => {
      if (event.key !== "Escape" && event.key !== "?") return;
      event.stopPropagation();
      close();
    }}
  >
    <header>
      <h2>Keys</h2>
      ${iconButton("close", "Close the keys", close)}
    </header>
    <dl>
      ${KEY_ROWS.map(
        ({ keys, does }) =>
          html`<div>
            <dt>${keys}</dt>
            <dd>${does}</dd>
          </div>`,
      )}
      ${GESTURES.map(
        ([gesture, does]) =>
          html`<div>
            <dt>${gesture}</dt>
            <dd>${does}</dd>
          </div>`,
      )}
    </dl>
  </div>`;
}
