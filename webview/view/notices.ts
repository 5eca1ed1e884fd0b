import { html, nothing, type TemplateResult } from "lit";
import type { PanelModel } from "../state/panel-model.ts";
import { icon, iconButton } from "./icon.ts";
import { problemText } from "./waiting-views.ts";

const ICONS = { information: "info", warning: "warning", error: "error" } as const;

/** What went wrong, what to do about it, and the details to copy; each stays until it is closed. */
export function noticeBar(model: PanelModel): TemplateResult | typeof nothing {
  if (model.notices.length === 0) return nothing;
  return html`<div class="notices">
    ${model.notices.map(
      (notice) =>
        html`<div class="notice ${notice.severity}">
          ${icon(ICONS[notice.severity])}
          <span class="notice-text"
            >${notice.message}${notice.advice === undefined ? nothing : html` <span class="dim">${notice.advice}</span>`}</span
          >
          ${
            notice.severity === "information"
              ? nothing
              : iconButton(
                  "copy",
                  "Copy the details",
                  () => void model.copy(problemText(notice), "the details"),
                )
          }
          ${iconButton("close", "Close this notice", () => model.dismiss(notice))}
        </div>`,
    )}
  </div>`;
}
