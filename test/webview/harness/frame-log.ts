/** Notes what the page's main thread does, for measurements. */
export class FrameLog {
  #frameTimes: number[] = [];
  #noting = false;
  #longestTaskMs = 0;
  #clickedAtMs = 0;

  constructor() {
    new PerformanceObserver((entries) => {
      for (const { duration } of entries.getEntries()) {
        this.#longestTaskMs = Math.max(this.#longestTaskMs, duration);
      }
    }).observe({ type: "longtask" });
    document.addEventListener("click", () => (this.#clickedAtMs = Date.now()), { capture: true });
  }

  /** When the last click arrived, in milliseconds since the epoch. */
  get clickedAtMs(): number {
    return this.#clickedAtMs;
  }

  start(): void {
    this.#frameTimes = [];
    this.#noting = true;
    this.#note(performance.now());
  }

  /** The times between animation frames since the start, in milliseconds. */
  stop(): readonly number[] {
    this.#noting = false;
    return this.#frameTimes;
  }

  /** The longest task since the last call; 0 where none took 50 ms, below which browsers note nothing. */
  takeLongestTaskMs(): number {
    const longest = this.#longestTaskMs;
    this.#longestTaskMs = 0;
    return longest;
  }

  #note(lastMs: number): void {
    requestAnimationFrame(() => {
      const nowMs = performance.now();
      this.#frameTimes.push(nowMs - lastMs);
      if (this.#noting) this.#note(nowMs);
    });
  }
}
