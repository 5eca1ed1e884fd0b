// Measures how late the timers of a thread are that does nothing else: what the machine itself makes of it.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parentPort, workerData } from "node:worker_threads";

const histogram = monitorEventLoopDelay({ resolution: workerData.resolutionMs });
histogram.enable();
parentPort?.once("message", () => parentPort?.postMessage(histogram.percentile(99)));
