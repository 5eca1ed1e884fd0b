import { parentPort } from "node:worker_threads";
import "../../../../src/engine/worker.ts";

/** The real engine, with ends that a test can bring about: an error that nobody catches, and memory that runs out. */
parentPort?.on("message", (message: { readonly name?: unknown }) => {
  if (message.name === "test/die") {
    setImmediate(() => {
      throw new Error("the end that the test asked for");
    });
  }
  if (message.name === "test/fill-memory") setImmediate(fillMemory);
});

function fillMemory(): void {
  const kept: number[][] = [];
  for (;;) kept.push(Array.from({ length: 10_000 }, () => Math.random()));
}
