import { agentSuite } from "./agent/suite.ts";
import { editorSuite } from "./editor/suite.ts";
import { engineSuite } from "./engine.ts";
import { logSuite } from "./log.ts";
import { receiveSuite } from "./receive.ts";
import type { Suite } from "./row.ts";
import { webviewSuite } from "./webview.ts";

/** Every suite of `npm run bench`, in the order in which it runs. */
export const suites: readonly Suite[] = [
  engineSuite,
  receiveSuite,
  logSuite,
  editorSuite,
  webviewSuite,
  agentSuite,
];
