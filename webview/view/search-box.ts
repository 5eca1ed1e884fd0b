import { html, nothing, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import { createRef, ref } from "lit/directives/ref.js";
import type { Completion } from "../state/trace-list-model.ts";
import type { PanelModel } from "../state/panel-model.ts";
import { iconButton } from "./icon.ts";

/** Keystrokes closer than this make one search. */
const TYPING_PAUSE_MS = 120;

/** The search box with its completions and what is wrong with its text. */
export class SearchBox {
  readonly #model: PanelModel;
  readonly #changed: () => void;
  readonly #input = createRef<HTMLInputElement>();
  #text: string;
  #completions: readonly Completion[] = [];
  #active = -1;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(model: PanelModel, changed: () => void) {
    this.#model = model;
    this.#changed = changed;
    this.#text = model.list.text;
  }

  focus(): void {
    this.#input.value?.focus();
    this.#input.value?.select();
  }

  render(): TemplateResult {
    // A clause added or removed elsewhere shows up here, unless a person is typing.
    if (this.#typing === undefined) this.#text = this.#model.list.text;
    const problem = this.#model.list.latest?.textProblem;
    const open = this.#completions.length > 0;
    const active = open && this.#active >= 0 ? `completion-${this.#active}` : "";
    return html`<div class="search">
      <div class=${classMap({ "search-field": true, invalid: problem !== undefined })}>
        <input
          ${ref(this.#input)}
          type="text"
          role="searchbox"
          aria-label="Search traces"
          aria-autocomplete="list"
          aria-controls="completions"
          aria-activedescendant=${active}
          aria-invalid=${problem === undefined ? "false" : "true"}
          aria-describedby="search-problem"
          placeholder="name, status=error, duration>100ms"
          spellcheck="false"
          autocomplete="off"
          .value=${this.#text}
          @input=${() => this.#typed()}
          @keydown=${(event: KeyboardEvent) => this.#key(event)}
          @blur=${() => this.#close()}
        />
        ${this.#text === "" ? nothing : iconButton("close", "Clear the search", () => this.#set(""))}
      </div>
      ${open ? this.#popup() : nothing}
      <div id="search-problem" class="search-problem" ?hidden=${problem === undefined}>
        ${problem === undefined ? nothing : this.#problem(problem)}
      </div>
    </div>`;
  }

  #popup(): TemplateResult {
    return html`<div id="completions" class="completions" role="listbox" aria-label="Completions">
      ${this.#completions.map(
        (completion, i) =>
          html`<div
            id="completion-${i}"
            role="option"
            class=${classMap({ completion: true, active: i === this.#active })}
            aria-selected=${i === this.#active ? "true" : "false"}
            @pointerdown=${(event: Event) => {
              event.preventDefault();
              this.#accept(completion);
            }}
          >
            ${completion.label}
          </div>`,
      )}
    </div>`;
  }

  #problem(problem: {
    readonly message: string;
    readonly start: number;
    readonly end: number;
  }): TemplateResult {
    const bad = this.#model.list.text.slice(problem.start, problem.end);
    return html`${bad === "" ? nothing : html`<code>${bad}</code> `}${problem.message}`;
  }

  #typed(): void {
    this.#text = this.#input.value?.value ?? "";
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#search(), TYPING_PAUSE_MS);
    void this.#complete();
  }

  #search(): void {
    clearTimeout(this.#typing);
    this.#typing = undefined;
    this.#model.search(this.#text);
    this.#changed();
  }

  async #complete(): Promise<void> {
    const input = this.#input.value;
    if (input === undefined) return;
    const offset = input.selectionStart ?? input.value.length;
    const completions = await this.#model.list.complete(input.value, offset);
    if (document.activeElement !== input || input.value !== this.#text) return;
    this.#completions = completions.slice(0, 12);
    this.#active = -1;
    this.#changed();
  }

  #key(event: KeyboardEvent): void {
    const count = this.#completions.length;
    if (event.key === "ArrowDown" && count === 0) void this.#complete();
    else if (event.key === "ArrowDown") this.#active = (this.#active + 1) % count;
    else if (event.key === "ArrowUp" && count > 0)
      this.#active = (this.#active <= 0 ? count : this.#active) - 1;
    else if ((event.key === "Enter" || event.key === "Tab") && this.#active >= 0) {
      const completion = this.#completions[this.#active];
      if (completion !== undefined) this.#accept(completion);
    } else if (event.key === "Enter") {
      this.#completions = [];
      this.#search();
    } else if (event.key === "Escape" && count > 0) this.#completions = [];
    else if (event.key === "Escape" && this.#text !== "") this.#set("");
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.#changed();
  }

  #accept(completion: Completion): void {
    const input = this.#input.value;
    if (input === undefined) return;
    const offset = input.selectionStart ?? input.value.length;
    const before = input.value.slice(0, completion.start) + completion.insert;
    this.#set(before + input.value.slice(offset));
    input.value = this.#text;
    input.setSelectionRange(before.length, before.length);
    // A key or an operator is followed by its values: the next completions come at once.
    if (!/[\s"]$/.test(completion.insert)) void this.#complete();
  }

  #set(text: string): void {
    this.#text = text;
    this.#completions = [];
    this.#active = -1;
    this.#search();
  }

  #close(): void {
    this.#completions = [];
    this.#active = -1;
    this.#changed();
  }
}
