/** One editor group as far as choosing one goes. */
export interface EditorGroup<Column> {
  readonly column: Column;
  readonly isActive: boolean;
  /** The URI of the document in front; undefined where something else is, or nothing. */
  readonly shownDocument: string | undefined;
  /** A Spanlight tab is in front: a file opened here would cover the trace that it was opened from. */
  readonly showsPanel: boolean;
}

/**
 * The group to open a source in: where the file is in front already, else the active one, else any, but never over
 * the panel. Undefined asks for a new group.
 */
export function chooseColumn<Column>(
  groups: readonly EditorGroup<Column>[],
  document: string,
): Column | undefined {
  const free = groups.filter(({ showsPanel }) => !showsPanel);
  const chosen =
    free.find(({ shownDocument }) => shownDocument === document) ??
    free.find(({ isActive }) => isActive) ??
    free[0];
  return chosen?.column;
}
