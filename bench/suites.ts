import { activeSpanSuite } from "./active-span/suite.ts";
import { agentSuite } from "./agent/suite.ts";
import { editorSuite } from "./editor/suite.ts";
import { engineSuite } from "./engine.ts";
import { growthSuite } from "./growth.ts";
import { latencySuite } from "./latency.ts";
import { lensSuite } from "./lens.ts";
import { logSuite } from "./log.ts";
import { logsSuite } from "./logs.ts";
import { metricsSuite } from "./metrics.ts";
import { adapterAccuracySuite } from "./pause-accuracy/adapters.ts";
import { pauseAccuracySuite } from "./pause-accuracy/suite.ts";
import { pausesSuite } from "./pauses.ts";
import { receiveSuite } from "./receive.ts";
import type { Suite } from "./row.ts";
import { searchSuite } from "./search.ts";
import { sourceSuite } from "./source.ts";
import { tracepointSuite } from "./tracepoints/suite.ts";
import { webviewSuite } from "./webview.ts";

/** Every suite of `npm run bench`, in the order in which it runs. */
export const suites: readonly Suite[] = [
  engineSuite,
  searchSuite,
  growthSuite,
  receiveSuite,
  latencySuite,
  pausesSuite,
  pauseAccuracySuite,
  adapterAccuracySuite,
  activeSpanSuite,
  metricsSuite,
  logsSuite,
  logSuite,
  sourceSuite,
  lensSuite,
  editorSuite,
  webviewSuite,
  agentSuite,
  tracepointSuite,
];
