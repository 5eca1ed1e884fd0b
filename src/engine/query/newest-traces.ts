import type { SpanStore } from "../store/span-store.ts";

/**
 * The traces with the latest starts, the latest first. One pass: only what is newer than the oldest of those that it
 * has so far costs more than a comparison.
 */
export function newestTraces(store: SpanStore, slots: Uint32Array, limit: number): number[] {
  const count = Math.max(0, Math.min(limit, slots.length));
  if (count === 0) return [];
  const { traces } = store;
  const isOlder = (a: Entry, b: Entry): boolean =>
    a.startMs < b.startMs || (a.startMs === b.startMs && a.slot < b.slot);
  const heap: Entry[] = [];
  // Higher slots are newer as a rule: from there on, most of the others are told apart at once.
  for (let n = slots.length - 1; n >= 0; n--) {
    const slot = slots[n] ?? 0;
    const entry: Entry = { slot, startMs: traces.startMs(slot) };
    const [oldest] = heap;
    if (oldest === undefined || heap.length < count) {
      heap.push(entry);
      raise(heap, heap.length - 1, isOlder);
    } else if (isOlder(oldest, entry)) {
      heap[0] = entry;
      lower(heap, isOlder);
    }
  }
  return heap.sort((a, b) => (isOlder(a, b) ? 1 : -1)).map(({ slot }) => slot);
}

interface Entry {
  readonly slot: number;
  readonly startMs: number;
}

type Before = (a: Entry, b: Entry) => boolean;

/** Lets the entry at this place rise to where none above it comes after it. */
function raise(heap: Entry[], place: number, isBefore: Before): void {
  for (let at = place; at > 0;) {
    const above = (at - 1) >> 1;
    if (!swapped(heap, at, above, isBefore)) return;
    at = above;
  }
}

/** Lets the first entry sink. */
function lower(heap: Entry[], isBefore: Before): void {
  for (let at = 0; ;) {
    const left = at * 2 + 1;
    const [a, b] = [heap[left], heap[left + 1]];
    const least = a !== undefined && b !== undefined && isBefore(b, a) ? left + 1 : left;
    if (!swapped(heap, least, at, isBefore)) return;
    at = least;
  }
}

/** Swaps the two where the one at `below` comes before the one at `above`. */
function swapped(heap: Entry[], below: number, above: number, isBefore: Before): boolean {
  const [a, b] = [heap[below], heap[above]];
  if (a === undefined || b === undefined || !isBefore(a, b)) return false;
  heap[below] = b;
  heap[above] = a;
  return true;
}
