import { noChange, type ElementPart } from "lit";
import { directive, Directive } from "lit/directive.js";

/** Property names as CSS writes them, custom properties included. */
export type Styles = Readonly<Record<string, string>>;

/**
 * Sets styles through the CSSOM, as `<div ${styles({ width: "4px" })}>`. Lit's own styleMap writes a style attribute
 * the first time, which the webview's content security policy refuses.
 */
class StylesDirective extends Directive {
  #before: Styles = {};

  override render(_styles: Styles): typeof noChange {
    return noChange;
  }

  override update(part: ElementPart, [next]: [Styles]): typeof noChange {
    const { style } = part.element as HTMLElement;
    for (const name of Object.keys(this.#before)) if (!(name in next)) style.removeProperty(name);
    for (const [name, value] of Object.entries(next)) {
      if (this.#before[name] !== value) style.setProperty(name, value);
    }
    this.#before = next;
    return noChange;
  }
}

export const styles = directive(StylesDirective);
