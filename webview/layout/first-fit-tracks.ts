/**
 * Stacks the branches under one parent: each goes into the topmost track that is free when it begins, and a track is
 * as high as the highest branch in it. The tracks' ends stand in a tree of minima, so that a thousand
 * concurrent siblings cost a thousand times ten steps and not a million.
 */
export class FirstFitTracks {
  readonly #start: Float64Array;
  readonly #end: Float64Array;
  readonly #height: Uint32Array;
  readonly #offset: Uint32Array;
  readonly #track: Uint32Array;
  /** Leaves from `#capacity` on hold the tracks' ends, each node above holds the lesser of its two children. */
  #minima = new Float64Array(4).fill(-Infinity);
  #capacity = 2;
  #trackHeight: number[] = [];

  /**
   * The arrays have one entry a branch and are read and written by {@link pack}.
   * @param offset receives how many lanes below the top of its parent's branches each branch begins.
   */
  constructor(start: Float64Array, end: Float64Array, height: Uint32Array, offset: Uint32Array) {
    this.#start = start;
    this.#end = end;
    this.#height = height;
    this.#offset = offset;
    this.#track = new Uint32Array(start.length);
  }

  /** Places the branches of a chain of siblings and returns how many lanes they take together. */
  pack(first: number, nextSibling: Int32Array): number {
    if (first < 0) return 0;
    const second = nextSibling[first] ?? -1;
    if (second < 0) {
      this.#offset[first] = 0;
      return this.#height[first] ?? 0;
    }
    const branches = this.#byStart(first, nextSibling);
    for (const branch of branches) this.#place(branch);
    let total = 0;
    const tops = this.#trackHeight.map((height) => {
      const top = total;
      total += height;
      return top;
    });
    for (const branch of branches) this.#offset[branch] = tops[this.#track[branch] ?? 0] ?? 0;
    this.#clear();
    return total;
  }

  #byStart(first: number, nextSibling: Int32Array): readonly number[] {
    const branches: number[] = [];
    let sorted = true;
    let latest = -Infinity;
    for (let branch = first; branch >= 0; branch = nextSibling[branch] ?? -1) {
      const start = this.#start[branch] ?? 0;
      if (start < latest) sorted = false;
      latest = start;
      branches.push(branch);
    }
    if (!sorted) branches.sort((a, b) => (this.#start[a] ?? 0) - (this.#start[b] ?? 0));
    return branches;
  }

  #place(branch: number): void {
    if (this.#trackHeight.length === this.#capacity) this.#grow();
    const start = this.#start[branch] ?? 0;
    let node = 1;
    while (node < this.#capacity) node = 2 * node + ((this.#minima[2 * node] ?? 0) <= start ? 0 : 1);
    const track = node - this.#capacity;
    this.#setEnd(node, this.#end[branch] ?? 0);
    this.#track[branch] = track;
    this.#trackHeight[track] = Math.max(this.#trackHeight[track] ?? 0, this.#height[branch] ?? 0);
  }

  #setEnd(leaf: number, end: number): void {
    this.#minima[leaf] = end;
    for (let node = leaf >> 1; node >= 1; node >>= 1) {
      this.#minima[node] = Math.min(this.#minima[2 * node] ?? 0, this.#minima[2 * node + 1] ?? 0);
    }
  }

  #grow(): void {
    const ends = this.#minima.slice(this.#capacity);
    this.#capacity *= 2;
    this.#minima = new Float64Array(2 * this.#capacity).fill(-Infinity);
    for (const [track, end] of ends.entries()) this.#setEnd(this.#capacity + track, end);
  }

  #clear(): void {
    for (let track = 0; track < this.#trackHeight.length; track += 1) {
      this.#setEnd(this.#capacity + track, -Infinity);
    }
    this.#trackHeight = [];
  }
}
