/**
 * The file that NODE_OPTIONS=--require names. It runs inside programs that know nothing of it, so everything that can be
 * decided cheaply is decided first, and whatever goes wrong stays here.
 */
import { isMainThread, parentPort } from "node:worker_threads";

import { isToolProcess, readEnvironment } from "./environment.ts";
import { startAgent } from "./start.ts";

/** Set once the agent runs in this thread; a second copy, or a second mention in NODE_OPTIONS, leaves it alone. */
const marker = Symbol.for("spanlight.agent.started");

/** The thread of ES module loaders (`module.register`) runs preloads, too; unlike a worker it has nobody to talk to. */
const isLoaderThread = !isMainThread && parentPort === null;

try {
  if (
    !isLoaderThread &&
    !Reflect.has(globalThis, marker) &&
    !isToolProcess(process.argv, process.execArgv, process.env)
  ) {
    Object.defineProperty(globalThis, marker, { value: true });
    const environment = readEnvironment(process.env, process.argv);
    if (environment !== undefined) startAgent(environment);
  }
} catch {
  // The program runs as it would without the agent.
}
