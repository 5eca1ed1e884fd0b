/** What a key does in the panel, wherever the focus is outside of a text field. */
export type KeyAction =
  | "parent"
  | "first-child"
  | "previous-sibling"
  | "next-sibling"
  | "next-trace"
  | "previous-trace"
  | "source"
  | "source-focus"
  | "zoom-span"
  | "zoom-in"
  | "zoom-out"
  | "out"
  | "search"
  | "next-hit"
  | "previous-hit"
  | "pin"
  | "mark"
  | "collapse-pauses"
  | "help";

interface KeyRow {
  readonly keys: string;
  readonly does: string;
  readonly bindings: Readonly<Record<string, KeyAction>>;
}

/** The keys in the order in which the help shows them. Spans' own keys need the focus on the spans. */
export const KEY_ROWS: readonly KeyRow[] = [
  {
    keys: "↑ ↓",
    does: "parent, first child",
    bindings: { ArrowUp: "parent", ArrowDown: "first-child" },
  },
  {
    keys: "← →",
    does: "previous, next sibling",
    bindings: { ArrowLeft: "previous-sibling", ArrowRight: "next-sibling" },
  },
  { keys: "j k", does: "next, previous trace", bindings: { j: "next-trace", k: "previous-trace" } },
  {
    keys: "Enter",
    does: "show the span's line (with Ctrl: go there)",
    bindings: { Enter: "source", "Ctrl+Enter": "source-focus" },
  },
  { keys: "Space", does: "zoom to the span", bindings: { " ": "zoom-span" } },
  { keys: "+ −", does: "zoom in, out", bindings: { "+": "zoom-in", "=": "zoom-in", "-": "zoom-out" } },
  { keys: "Esc", does: "out: of the range, the zoom, the selection", bindings: { Escape: "out" } },
  { keys: "/", does: "search", bindings: { "/": "search" } },
  { keys: "n N", does: "next, previous hit", bindings: { n: "next-hit", N: "previous-hit" } },
  { keys: "p", does: "pin the trace", bindings: { p: "pin" } },
  { keys: "m", does: "mark a time", bindings: { m: "mark" } },
  { keys: "c", does: "collapse the time spent paused", bindings: { c: "collapse-pauses" } },
  { keys: "?", does: "these keys", bindings: { "?": "help" } },
];

/** Keys that mean something to a focused button, link or list, and act only where the spans have the focus. */
export const SPAN_KEYS: ReadonlySet<KeyAction> = new Set<KeyAction>([
  "parent",
  "first-child",
  "previous-sibling",
  "next-sibling",
  "source",
  "source-focus",
  "zoom-span",
]);

const BINDINGS: ReadonlyMap<string, KeyAction> = new Map(
  KEY_ROWS.flatMap(({ bindings }) => Object.entries(bindings)),
);

/** The action of a key press; undefined for keys that are not the panel's. */
export function keyAction(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">,
): KeyAction | undefined {
  if (event.altKey) return undefined;
  return BINDINGS.get(event.ctrlKey || event.metaKey ? `Ctrl+${event.key}` : event.key);
}
