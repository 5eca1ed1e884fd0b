/** The palette's hues; slot `s` has hue `s % HUE_COUNT`, and each hue comes in two lightnesses. */
export const HUE_COUNT = 5;

/** How many colours the palette has; from the eleventh service on, colours are shared. */
export const SLOT_COUNT = 2 * HUE_COUNT;

/**
 * Which of the palette's colours a service has. The colour follows from the hash of its name, so that it is the same
 * in every session; where two names collide, the one that arrives later takes the next free colour, and one of a hue
 * that nobody has yet as long as there is one.
 */
export class ServiceSlots {
  readonly #slots = new Map<string, number>();

  /** @param known services with their slots as {@link entries} gave them, after a reload. */
  constructor(known: Iterable<readonly [service: string, slot: number]> = []) {
    for (const [service, slot] of known) {
      if (Number.isInteger(slot) && slot >= 0 && slot < SLOT_COUNT) this.#slots.set(service, slot);
    }
  }

  slotOf(service: string): number {
    const known = this.#slots.get(service);
    if (known !== undefined) return known;
    const wish = hash(service) % SLOT_COUNT;
    const slot = this.#freeSlot(wish);
    this.#slots.set(service, slot);
    return slot;
  }

  #freeSlot(wish: number): number {
    const taken = new Set(this.#slots.values());
    const hues = new Set([...taken].map((slot) => slot % HUE_COUNT));
    for (let step = 0; step < SLOT_COUNT; step += 1) {
      const slot = (wish + step) % SLOT_COUNT;
      if (hues.size < HUE_COUNT ? !hues.has(slot % HUE_COUNT) : !taken.has(slot)) return slot;
    }
    return wish;
  }

  /** The services in the order of their arrival. */
  entries(): readonly (readonly [string, number])[] {
    return [...this.#slots];
  }
}

/** FNV-1a over UTF-16 units: short, and even for names that differ in one letter. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  // The low bits of FNV alone favour even slots; folding the high half in evens that out.
  return (value ^ (value >>> 16)) >>> 0;
}
