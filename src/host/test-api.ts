import { ExtensionMode, type ExtensionContext } from "vscode";
import type { Listen } from "../base/events.ts";
import type { Problem, Result } from "../base/result.ts";
import type { RequestType } from "../protocol/message.ts";
import type { PanelState } from "../protocol/panel.ts";
import type { Painted } from "./panel/panel-hub.ts";
import type { SourceOpener } from "./source/source-opener.ts";
import type { Spanlight } from "./spanlight.ts";

/** What tests in the extension host see of the extension; a person's window has none of it. */
export interface TestApi {
  /** What `activate` took, in milliseconds. */
  readonly activationMs: number;
  readonly state: () => PanelState;
  readonly ask: <Params, Reply>(
    type: RequestType<Params, Reply>,
    params: Params,
  ) => Promise<Result<Reply, Problem>>;
  readonly source: SourceOpener;
  readonly onPainted: Listen<Painted>;
}

export function testApi(
  context: ExtensionContext,
  spanlight: Spanlight,
  activationMs: number,
): TestApi | undefined {
  if (context.extensionMode !== ExtensionMode.Test) return undefined;
  return {
    activationMs,
    state: () => spanlight.state,
    ask: (type, params) => spanlight.engine.ask(type, params),
    source: spanlight.source,
    onPainted: spanlight.hub.onPainted,
  };
}
