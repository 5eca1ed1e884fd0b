import { Emitter, type Listen } from "../../base/events.ts";
import { isArrayOf } from "../../protocol/guard.ts";
import { isSpanBreakpoint, type SpanBreakpoint } from "../../protocol/span-breakpoint.ts";

/** Where the list is kept; VS Code's Memento is one. */
export interface BreakpointMemory {
  get(key: string): unknown;
  update(key: string, value: unknown): unknown;
}

const KEY = "spanBreakpoints";

/** The workspace's span breakpoints, kept over restarts. */
export class BreakpointBook {
  readonly #memory: BreakpointMemory;
  readonly #changed = new Emitter<undefined>();
  #breakpoints: readonly SpanBreakpoint[];

  readonly onChanged: Listen<undefined> = this.#changed.listen;

  constructor(memory: BreakpointMemory) {
    this.#memory = memory;
    const kept = memory.get(KEY);
    this.#breakpoints = isArrayOf(isSpanBreakpoint)(kept) ? kept : [];
  }

  get all(): readonly SpanBreakpoint[] {
    return this.#breakpoints;
  }

  find(id: string): SpanBreakpoint | undefined {
    return this.#breakpoints.find((one) => one.id === id);
  }

  /** One with the same wish is enabled instead of added twice. */
  add(wish: Omit<SpanBreakpoint, "id" | "enabled">): void {
    const same = this.#breakpoints.find((one) => wishOf(one) === wishOf(wish));
    if (same !== undefined) this.replace({ ...same, enabled: true });
    else this.#set([...this.#breakpoints, { ...wish, id: this.#freeId(), enabled: true }]);
  }

  replace(changed: SpanBreakpoint): void {
    this.#set(this.#breakpoints.map((one) => (one.id === changed.id ? changed : one)));
  }

  remove(id: string): void {
    this.#set(this.#breakpoints.filter((one) => one.id !== id));
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #freeId(): string {
    return String(1 + Math.max(0, ...this.#breakpoints.map(({ id }) => Number(id) || 0)));
  }

  #set(breakpoints: readonly SpanBreakpoint[]): void {
    this.#breakpoints = breakpoints;
    void this.#memory.update(KEY, breakpoints);
    this.#changed.emit(undefined);
  }
}

function wishOf({ moment, name, attribute, status, overMs }: Omit<SpanBreakpoint, "id" | "enabled">): string {
  return JSON.stringify([moment, name, attribute?.key, attribute?.value, status, overMs]);
}
