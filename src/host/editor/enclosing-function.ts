/** A range of lines, from 0, both included, with what is needed of a symbol; VS Code's DocumentSymbol has this shape. */
export interface FunctionSymbol {
  readonly name: string;
  readonly kind: number;
  readonly range: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
  readonly children?: readonly FunctionSymbol[];
}

/** The innermost symbol around a line (from 0) whose kind is one of `kinds`; undefined where there is none. */
export function enclosingFunction(
  symbols: readonly FunctionSymbol[],
  line: number,
  kinds: ReadonlySet<number>,
): FunctionSymbol | undefined {
  for (const symbol of symbols) {
    if (line < symbol.range.start.line || line > symbol.range.end.line) continue;
    const inner = enclosingFunction(symbol.children ?? [], line, kinds);
    if (inner !== undefined) return inner;
    if (kinds.has(symbol.kind)) return symbol;
  }
  return undefined;
}
