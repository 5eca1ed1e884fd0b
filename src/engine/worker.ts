import { parentPort } from "node:worker_threads";
import { disposable } from "../base/dispose.ts";
import { Connection, type Port } from "../protocol/connection.ts";
import { createEngine } from "./engine.ts";
import { serveEngine } from "./serve-engine.ts";

/**
 * The engine's thread. Its heap limit is set by who starts it. What is thrown and not caught here ends the thread:
 * whoever started it hears the error and starts another, which is better than going on with a store half changed.
 */
const port = parentPort;
if (port === null) throw new Error("the engine's worker has to be started as a worker thread");

const toParent: Port = {
  post(message, transfer) {
    port.postMessage(message, [...(transfer ?? [])]);
  },
  listen(receive) {
    port.on("message", receive);
    return disposable(() => port.off("message", receive));
  },
};

serveEngine(createEngine(), new Connection(toParent));
