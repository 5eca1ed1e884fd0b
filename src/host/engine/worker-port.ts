import type { Worker } from "node:worker_threads";
import { disposable } from "../../base/dispose.ts";
import type { Port } from "../../protocol/connection.ts";

/** The extension host's end of the link to the engine's thread. */
export function workerPort(worker: Worker): Port {
  return {
    post(message, transfer) {
      worker.postMessage(message, [...(transfer ?? [])]);
    },
    listen(receive) {
      worker.on("message", receive);
      return disposable(() => worker.off("message", receive));
    },
  };
}
