import type { SessionId } from "../../model/ids.ts";
import type { LaunchConfiguration } from "./path-mappings.ts";
import { sessionPathsOf, type SessionPaths } from "./session-paths.ts";
import type { KnownPaths } from "./file-finder.ts";
import type { WorkspaceFolder } from "./source-world.ts";

/** Launches that are remembered; the oldest goes first. */
const MAX_LAUNCHES = 200;

/** What this window's launches say of paths: for a span those of its own session, and those of all others after them. */
export class LaunchPaths {
  readonly #paths = new Map<SessionId, SessionPaths>();
  readonly #known = new Map<SessionId | undefined, KnownPaths>();

  /**
   * A launch has started, as the debugger got it. The children of a session add to what it says itself.
   * @param folder whose configuration it is.
   */
  add(
    session: SessionId,
    configuration: LaunchConfiguration,
    folder: WorkspaceFolder | undefined,
    folders: readonly WorkspaceFolder[],
  ): void {
    const paths = sessionPathsOf(configuration, { folder, folders, environment: process.env });
    const before = this.#paths.get(session);
    this.#paths.delete(session);
    this.#paths.set(session, {
      mappings: [...(before?.mappings ?? []), ...paths.mappings],
      overrides: [...(before?.overrides ?? []), ...paths.overrides],
      bases: [...new Set([...(before?.bases ?? []), ...paths.bases])],
    });
    if (this.#paths.size > MAX_LAUNCHES) {
      const [oldest] = this.#paths.keys();
      if (oldest !== undefined) this.#paths.delete(oldest);
    }
    this.#known.clear();
  }

  /** The same object for the same session until another launch starts. */
  of(session: SessionId | undefined): KnownPaths {
    const known = this.#known.get(session) ?? this.#compose(session);
    this.#known.set(session, known);
    return known;
  }

  #compose(session: SessionId | undefined): KnownPaths {
    const own = session === undefined ? undefined : this.#paths.get(session);
    return {
      own: own ?? { mappings: [], overrides: [], bases: [] },
      others: [...this.#paths.values()].filter((paths) => paths !== own).reverse(),
    };
  }
}
