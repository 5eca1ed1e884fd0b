import { html, nothing, type TemplateResult } from "lit";
import type { PanelModel } from "../state/panel-model.ts";
import { restoringText } from "../state/standing-notices.ts";
import { icon, iconButton } from "./icon.ts";
import { problemText } from "./waiting-views.ts";

const ICONS = { information: "info", warning: "warning", error: "error" } as const;

/** What went wrong, what to do about it, and the details to copy; each stays until it is closed or over. */
export function noticeBar(model: PanelModel): TemplateResult | typeof nothing {
  const restoring = restoringText(model.host?.engine);
  if (model.notices.length === 0 && restoring === undefined) return nothing;
  return html`<div class="notices">
    ${
      restoring === undefined
        ? nothing
        : html`<div class="notice information">
            ${icon("loading")}<span class="notice-text dim">${restoring}</span>
          </div>`
    }
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
