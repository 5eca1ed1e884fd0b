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

export const FUNCTION_KINDS: ReadonlySet<number> = new Set<number>([
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Constructor,
]);

/** The function around a line (from 0) of a file; that line where the language's symbols tell of none. */
export async function functionAround(uri: vscode.Uri, line: number): Promise<Place> {
  const around = enclosingFunction(await documentSymbols(uri), line, FUNCTION_KINDS);
  const path = uri.fsPath;
  if (around === undefined) {
    const label = `${basename(path)} line ${line + 1}`;
    return { path, firstLine: line + 1, lastLine: line + 1, label };
  }
  const { start, end } = around.range;
  return { path, firstLine: start.line + 1, lastLine: end.line + 1, label: around.name };
}

/** The symbols of a document, as its language's extension tells them; empty where none does. */
export async function documentSymbols(uri: vscode.Uri): Promise<readonly FunctionSymbol[]> {
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
