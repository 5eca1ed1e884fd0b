/** {@link AttributeMatcher.match} for an attribute that is not known, or not known to be harmless. */
export const NO_MATCH = -1;

/**
 * Recognises attributes that were taken before: most of what programs send has come already, and need not be checked,
 * searched for secrets and looked up again.
 */
export interface AttributeMatcher {
  /**
   * The number of the KeyValue message between `start` and `end`, {@link NO_MATCH} where it has none. One that has is
   * byte for byte equal to one that was well formed and holds nothing that is to be masked.
   */
  match(words: DataView, start: number, end: number): number;
}

export const KNOWS_NOTHING: AttributeMatcher = { match: () => NO_MATCH };
