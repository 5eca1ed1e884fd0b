/** What became of a batch. The three add up to its spans. */
export interface AppendOutcome {
  readonly addedCount: number;
  /** Spans that took the row of one that was held: it has ended, or this one says more of it. */
  readonly completedCount: number;
  /** Spans that said nothing new: byte-equal resends, late starts, the same span over a second channel. */
  readonly duplicateCount: number;
}

export const NOTHING_APPENDED: AppendOutcome = { addedCount: 0, completedCount: 0, duplicateCount: 0 };
