import type { StartOptions, VsCode } from "./vs-code.ts";

/** What a scene wants to start with; see {@link StartOptions}. */
export type SceneOptions = Omit<StartOptions, "vsix"> & {
  /** Seconds until the scene counts as failed; 120 by default. */
  readonly timeoutS?: number;
  /** Why the scene cannot be played here; undefined where it can. */
  readonly skip?: () => Promise<string | undefined>;
};

/** One user's story: told in a VS Code of its own page, with the packaged extension installed. */
export interface Scene {
  readonly title: string;
  readonly options: SceneOptions;
  readonly play: (code: VsCode) => Promise<void>;
}

/** The scenes of the files loaded so far, in their order. */
export const scenes: Scene[] = [];

/**
 * Declares a scene, in a file test/e2e/scenes/NAME.scene.ts. It fails when `play` rejects; use node:assert and Playwright's waiting.
 * VS Code is open on the workspace when `play` begins, and is closed afterwards with everything that was started in it.
 */
export function scene(title: string, options: SceneOptions, play: Scene["play"]): void {
  scenes.push({ title, options, play });
}
