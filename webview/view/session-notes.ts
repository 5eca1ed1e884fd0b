import { html, nothing, type TemplateResult } from "lit";
import type { PanelModel } from "../state/panel-model.ts";
import { icon, iconButton } from "./icon.ts";
import { environmentText, noteWords, type NoteWords } from "./session-words.ts";

/**
 * What is to be known of the running sessions: why a program is not traced, what it keeps of its own.
 * @param folded shows only how many notes there are until asked.
 */
export function sessionNotes(model: PanelModel, folded: boolean): TemplateResult | typeof nothing {
  const sessions = model.host?.sessions.filter((session) => session.active) ?? [];
  const notes = sessions.flatMap((session) => session.notes.map((note) => noteWords(session, note)));
  if (notes.length === 0) return nothing;
  const items = html`<ul class="notes">
    ${notes.map((note) => html`<li>${noteItem(model, note)}</li>`)}
  </ul>`;
  if (!folded) return items;
  return html`<details class="folded-notes">
    <summary>
      ${icon("info")} ${notes.length === 1 ? "1 note" : `${notes.length} notes`} on this session
    </summary>
    ${items}
  </details>`;
}

function noteItem(model: PanelModel, note: NoteWords): TemplateResult {
  const { action } = note;
  return html`${note.text}
  ${
    action === undefined
      ? nothing
      : html`<button class="text-button" type="button" @click=${() => void model.run(action.command)}>
          ${action.label}
        </button>`
  }
  ${note.variables === undefined ? nothing : environmentBlock(model, note.variables)}`;
}

/** Environment variables to read and to copy. */
export function environmentBlock(
  model: PanelModel,
  variables: Readonly<Record<string, string>>,
): TemplateResult {
  const text = environmentText(variables);
  return html`<div class="code-block">
    <pre tabindex="0" aria-label="Environment variables">${text}</pre>
    ${iconButton("copy", "Copy the environment variables", () => void model.copy(text, "the environment variables"))}
  </div>`;
}
