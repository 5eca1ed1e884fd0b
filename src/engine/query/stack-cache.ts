import type { Attribute } from "../../model/span.ts";
import { firstText, textOf } from "./attribute-access.ts";
import { readStack } from "./stack.ts";
import type { StackFrame } from "./stack-text.ts";

/** Failing requests fail alike: a few stacks come again and again. */
const MAX_STACKS = 500;
/** Stacks beyond this are read anew, so that hostile ones do not fill the cache. */
const MAX_CACHED_LENGTH = 16 * 1024;

/** Reads stacks, each text once. */
export class StackCache {
  readonly #frames = new Map<string, readonly StackFrame[]>();

  /** The frames of a stack, the likeliest origin first; the resource tells what language to expect. */
  read(stack: string, resource: readonly Attribute[]): readonly StackFrame[] {
    const languages = [
      textOf(resource, "telemetry.sdk.language"),
      firstText(resource, ["process.runtime.name"]),
    ].filter((language) => language !== undefined);
    if (stack.length > MAX_CACHED_LENGTH) return readStack(stack, languages);
    const key = `${languages.join()}\n${stack}`;
    const known = this.#frames.get(key);
    if (known !== undefined) return known;
    const frames = readStack(stack, languages);
    if (this.#frames.size >= MAX_STACKS) {
      const [oldest = ""] = this.#frames.keys();
      this.#frames.delete(oldest);
    }
    this.#frames.set(key, frames);
    return frames;
  }
}
