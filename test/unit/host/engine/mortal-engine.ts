import { parentPort } from "node:worker_threads";
import "../../../../src/engine/worker.ts";

/** The real engine, with an end that a test can bring about: an error that nobody catches. */
parentPort?.on("message", (message: { readonly name?: unknown }) => {
  if (message.name === "test/die") {
    setImmediate(() => {
      throw new Error("the end that the test asked for");
    });
  }
});
