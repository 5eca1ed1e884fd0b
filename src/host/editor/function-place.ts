import { basename } from "node:path";
import * as vscode from "vscode";
import { enclosingFunction, type FunctionSymbol } from "./enclosing-function.ts";

/** A part of a file as the panel filters by it; lines from 1. */
export interface Place {
  readonly path: string;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly label: string;
}

const FUNCTION_KINDS: ReadonlySet<number> = new Set([
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Constructor,
]);

/** The function around the cursor, as the language's own symbols tell it; the cursor's line where they tell of none. */
export async function functionAtCursor({ document, selection }: vscode.TextEditor): Promise<Place> {
  const line = selection.active.line;
  const symbols = await documentSymbols(document.uri);
  const around = enclosingFunction(symbols, line, FUNCTION_KINDS);
  const path = document.uri.fsPath;
  if (around === undefined) {
    const label = `${basename(path)} line ${line + 1}`;
    return { path, firstLine: line + 1, lastLine: line + 1, label };
  }
  const { start, end } = around.range;
  return { path, firstLine: start.line + 1, lastLine: end.line + 1, label: around.name };
}

async function documentSymbols(uri: vscode.Uri): Promise<readonly FunctionSymbol[]> {
  const symbols = await vscode.commands
    .executeCommand<readonly (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined>(
      "vscode.executeDocumentSymbolProvider",
      uri,
    )
    .then(undefined, () => undefined);
  return (symbols ?? []).map((symbol) => ("range" in symbol ? symbol : flat(symbol)));
}

/** The older, flat form has its range elsewhere, and no children. */
function flat({ name, kind, location }: vscode.SymbolInformation): FunctionSymbol {
  return { name, kind, range: location.range };
}
