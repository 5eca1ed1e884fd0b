import { disposable, type Disposable } from "./dispose.ts";

/** What others see of an emitter: a way to listen. */
export type Listen<T> = (listener: (value: T) => void) => Disposable;

/** A list of listeners. A listener that throws does not keep the others from hearing. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onThrown: (thrown: unknown) => void;

  /** @param onThrown hears what a listener threw. */
  constructor(onThrown: (thrown: unknown) => void = () => undefined) {
    this.#onThrown = onThrown;
  }

  readonly listen: Listen<T> = (listener) => {
    // A wrapper of its own for each call: the same function may listen twice and leave once.
    const entry = (value: T): void => listener(value);
    this.#listeners.add(entry);
    return disposable(() => this.#listeners.delete(entry));
  };

  emit(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (thrown) {
        this.#onThrown(thrown);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
