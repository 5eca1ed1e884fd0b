import { html, type TemplateResult } from "lit";

/** A codicon; what it means is said by the text or the label beside it. */
export function icon(name: string): TemplateResult {
  return html`<span class="codicon codicon-${name}" aria-hidden="true"></span>`;
}

/** A button that is only an icon; its label is its name and its tooltip. */
export function iconButton(name: string, label: string, press: () => void, disabled = false): TemplateResult {
  return html`<button
    class="icon-button"
    type="button"
    aria-label=${label}
    title=${label}
    ?disabled=${disabled}
    @click=${press}
  >
    ${icon(name)}
  </button>`;
}

/** A text that leads somewhere. Not an anchor: VS Code would take its address for one to open. */
export function link(
  text: unknown,
  label: string | undefined,
  follow: (event: Event) => void,
): TemplateResult {
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter") return;
    event.stopPropagation();
    follow(event);
  };
  return html`<span
    role="link"
    tabindex="0"
    class="link"
    aria-label=${label ?? String(text)}
    @click=${follow}
    @keydown=${onKey}
    >${text}</span
  >`;
}
