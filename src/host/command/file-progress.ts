import { basename } from "node:path";
import * as vscode from "vscode";
import type { Problem, Result } from "../../base/result.ts";
import type { RequestType } from "../../protocol/message.ts";
import type { Engine } from "../engine/engine.ts";
import { showProblem } from "./problem-message.ts";

/** Asks the engine to write or read a file, and shows how far that is; the person may cancel it. */
export function askWithProgress<Params extends { readonly path: string }, Reply>(
  engine: Engine,
  doing: string,
  type: RequestType<Params, Reply>,
  params: Params,
): Thenable<Result<Reply, Problem>> {
  const title = `${doing} ${basename(params.path)}`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const abort = new AbortController();
    let percent = 0;
    const hearing = engine.onRunFileProgressed(({ path, fraction }) => {
      if (path !== params.path) return;
      const now = Math.round(fraction * 100);
      progress.report({ increment: Math.max(0, now - percent) });
      percent = Math.max(percent, now);
    });
    const cancelling = token.onCancellationRequested(() => abort.abort());
    try {
      return await engine.ask(type, params, abort.signal);
    } finally {
      hearing.dispose();
      cancelling.dispose();
    }
  });
}

/** Shows what went wrong; who cancelled knows. */
export function tellUnlessCancelled(what: string, problem: Problem): void {
  if (problem.code !== "cancelled") showProblem(what, problem);
}
