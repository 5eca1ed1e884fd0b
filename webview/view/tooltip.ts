import { nothing, render, type TemplateResult } from "lit";

/** Pixels between the pointer and the tooltip. */
const GAP_PX = { x: 12, y: 18 } as const;

/** A note beside the pointer. It takes no clicks, and screen readers have the elements' names instead. */
export class Tooltip {
  readonly element = document.createElement("div");

  constructor() {
    this.element.className = "tooltip";
    this.element.setAttribute("aria-hidden", "true");
    this.element.hidden = true;
  }

  /** Shows it below the pointer, or above where there is no room, within a scrolled container. */
  show(content: TemplateResult, pointer: PointerEvent, within: HTMLElement): void {
    render(content, this.element);
    this.element.hidden = false;
    const box = within.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.element;
    const x = Math.min(pointer.clientX - box.left + GAP_PX.x, within.clientWidth - offsetWidth - 4);
    const below = pointer.clientY - box.top + GAP_PX.y;
    const y = below + offsetHeight > within.clientHeight ? below - offsetHeight - GAP_PX.y - 8 : below;
    this.element.style.left = `${Math.max(x, 4)}px`;
    this.element.style.top = `${Math.max(y, 0) + within.scrollTop}px`;
  }

  hide(): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    render(nothing, this.element);
  }
}
