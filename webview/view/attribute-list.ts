import { html, nothing, type TemplateResult } from "lit";
import type { Attribute } from "../../src/model/span.ts";
import type { PanelModel } from "../state/panel-model.ts";
import { clauseFor } from "../../src/model/search-clause.ts";
import { withClause } from "../state/search-clause.ts";
import { isSearchable, valueText } from "./attribute-words.ts";
import { iconButton } from "./icon.ts";

/** Longer values are cut on the screen; copying gives all of them. */
const MAX_SHOWN = 4000;

/** Attributes as a table of keys and values, each of which can be copied and searched for. */
export function attributeList(model: PanelModel, attributes: readonly Attribute[]): TemplateResult {
  return html`<dl class="attributes">${attributes.map((attribute) => attributeRow(model, attribute))}</dl>`;
}

function attributeRow(model: PanelModel, { key, value }: Attribute): TemplateResult {
  const text = valueText(value);
  const clause = clauseFor(key, text);
  return html`<div class="attribute">
    <dt title=${key}>${key}</dt>
    <dd>
      <span class="value">${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}</span>
      <span class="row-actions">
        ${
          isSearchable(value) && text.length <= 200
            ? iconButton("search", `Find others with this ${key}`, () => {
                model.search(withClause(model.list.text, clause));
                model.say(`Searching for ${clause}`);
              })
            : nothing
        }
        ${iconButton("copy", `Copy ${key}`, () => void model.copy(text, key))}
      </span>
    </dd>
  </div>`;
}
