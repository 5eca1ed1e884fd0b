/** One case of a suite; `check` throws where it is not met. */
export interface Case {
  readonly title: string;
  readonly check: () => void | Promise<void>;
}

/** The cases that a folder of third-party data holds. */
export type Suite = (folder: string) => readonly Case[];

/** What `npm run conformance -- --json` prints for each suite. */
export interface SuiteOutcome {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Why cases failed or were skipped; empty where none were. */
  readonly why: string;
}
