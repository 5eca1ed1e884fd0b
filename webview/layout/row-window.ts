/** The rows of a long list that exist as elements: those in view and some on either side. */
export interface RowWindow {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

/** Rows kept on either side of the view, so that a turn of the wheel meets drawn rows. */
const OVERSCAN_ROWS = 8;

export function windowOfRows(
  rowCount: number,
  rowHeightPx: number,
  scrollTopPx: number,
  heightPx: number,
): RowWindow {
  const first = Math.max(0, Math.floor(scrollTopPx / rowHeightPx) - OVERSCAN_ROWS);
  const end = Math.min(rowCount, Math.ceil((scrollTopPx + heightPx) / rowHeightPx) + OVERSCAN_ROWS);
  return { first: Math.min(first, end), end };
}

/** The scroll position that brings a row into view with the least movement. */
export function scrollTopFor(
  row: number,
  rowHeightPx: number,
  scrollTopPx: number,
  heightPx: number,
): number {
  const top = row * rowHeightPx;
  if (top < scrollTopPx) return top;
  return Math.max(scrollTopPx, top + rowHeightPx - heightPx);
}
