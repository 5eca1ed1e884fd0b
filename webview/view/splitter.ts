import { html, type TemplateResult } from "lit";

export interface SplitterInput {
  readonly label: string;
  readonly widthPx: number;
  /** 1 where moving right widens the column that the splitter is for, -1 where it narrows it. */
  readonly direction: 1 | -1;
  readonly resized: (widthPx: number) => void;
}

const MIN_WIDTH_PX = 180;
const MAX_WIDTH_PX = 800;
const KEY_STEP_PX = 16;

/** The border between two columns: dragged, or moved with the arrow keys. */
export function splitter({ label, widthPx, direction, resized }: SplitterInput): TemplateResult {
  const resize = (wish: number): void =>
    resized(Math.min(Math.max(Math.round(wish), MIN_WIDTH_PX), MAX_WIDTH_PX));
  const down = (event: PointerEvent): void => {
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    const fromX = event.clientX;
    const move = (moved: PointerEvent): void => resize(widthPx + (moved.clientX - fromX) * direction);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), {
      once: true,
    });
    event.preventDefault();
  };
  const key = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    resize(widthPx + step * KEY_STEP_PX * direction);
  };
  return html`<div
    class="splitter"
    role="separator"
    tabindex="0"
    aria-orientation="vertical"
    aria-label=${label}
    aria-valuenow=${widthPx}
    aria-valuemin=${MIN_WIDTH_PX}
    aria-valuemax=${MAX_WIDTH_PX}
    @pointerdown=${down}
    @keydown=${key}
  ></div>`;
}
