/** Lines and columns from 0, as VS Code's TextDocumentContentChangeEvent has them: in the text before the change. */
export interface TextChange {
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
  readonly text: string;
}

/** A change that moves lines. */
export interface LineEdit {
  /** The first and the last line that it touches. */
  readonly start: number;
  readonly end: number;
  /** Lines that it adds, less those that it takes. */
  readonly delta: number;
  /** Something is left of the first line before the change, and of the last line after it. */
  readonly keepsHead: boolean;
  readonly keepsTail: boolean;
}

/**
 * What the changes of one event do to lines, in the order in which they have to be applied. Changes that leave the
 * number of lines as it is move none, and are left out.
 * @param textNow a line's text after all of the changes.
 */
export function lineEditsOf(
  changes: readonly TextChange[],
  textNow: (line: number) => string,
): readonly LineEdit[] {
  const edits: LineEdit[] = [];
  let shift = 0;
  const fromTop = [...changes].sort(
    ({ range: one }, { range: other }) =>
      one.start.line - other.start.line || one.start.character - other.start.character,
  );
  for (const { range, text } of fromTop) {
    const { start, end } = range;
    const added = text.split(/\r\n|\r|\n/);
    const delta = added.length - 1 - (end.line - start.line);
    const first = start.line + shift;
    shift += delta;
    if (delta === 0) continue;
    const lastLength = added.at(-1)?.length ?? 0;
    const tailStart = added.length > 1 ? lastLength : start.character + lastLength;
    edits.push({
      start: start.line,
      end: end.line,
      delta,
      keepsHead: textNow(first).slice(0, start.character).trim() !== "",
      keepsTail:
        textNow(end.line + shift)
          .slice(tailStart)
          .trim() !== "",
    });
  }
  // All of them speak of the text before; from the bottom up, none moves the lines that the next one speaks of.
  return edits.reverse();
}

/** Where a line is after an edit; undefined where it was deleted. An edit on the line itself keeps it. */
export function movedLine(
  line: number,
  { start, end, delta, keepsHead, keepsTail }: LineEdit,
): number | undefined {
  if (line < start) return line;
  if (line > end) return line + delta;
  if (start === end) return keepsHead || !keepsTail ? line : line + delta;
  if (line === start) return keepsHead ? line : undefined;
  return line === end && keepsTail ? line + delta : undefined;
}

/** Edits that were made at once, from the bottom up. */
interface Edits {
  readonly atMs: number;
  readonly edits: readonly LineEdit[];
  /** By undoing them. */
  takenBack: boolean;
  readonly takesBack: Edits | undefined;
}

/** More than an hour of editing; what is older no longer counts. */
const MAX_EDITS = 1000;

/** Leads from the lines of a file as a program ran it to those of the file as it is now. */
export class MovingLines {
  readonly #edits: Edits[] = [];

  /** @param undoes they are the editor's undoing of earlier ones: what these deleted is there again. */
  edited(edits: readonly LineEdit[], atMs: number, undoes = false): void {
    const last = undoes
      ? this.#edits.findLast(({ takenBack, takesBack }) => !takenBack && takesBack === undefined)
      : undefined;
    const takesBack = last !== undefined && areInverse(last.edits, edits) ? last : undefined;
    if (takesBack !== undefined) takesBack.takenBack = true;
    this.#edits.push({ atMs, edits, takenBack: false, takesBack });
    this.#edits.splice(0, this.#edits.length - MAX_EDITS);
  }

  /** Where a line is now, from 0, that it was at that moment; undefined where it has been deleted since. */
  now(line: number, sinceMs: number): number | undefined {
    let at: number | undefined = line;
    for (const { atMs, edits, takenBack, takesBack } of this.#edits) {
      if (atMs < sinceMs || takenBack || (takesBack !== undefined && takesBack.atMs >= sinceMs)) continue;
      for (const edit of edits) at = at === undefined ? undefined : movedLine(at, edit);
    }
    return at;
  }
}

function areInverse(edits: readonly LineEdit[], others: readonly LineEdit[]): boolean {
  const sum = (all: readonly LineEdit[]): number => all.reduce((total, { delta }) => total + delta, 0);
  // The topmost edit begins at the same line before and after.
  return sum(edits) === -sum(others) && edits.at(-1)?.start === others.at(-1)?.start;
}
