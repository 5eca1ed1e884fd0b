// Ends the process when one input does not end: the thread that tries the inputs cannot do so itself.
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";

const { progress, seed, seconds } = workerData;
const input = new Int32Array(progress);
for (;;) {
  const before = Atomics.load(input, 0);
  Atomics.wait(input, 1, 0, seconds * 1000);
  if (Atomics.load(input, 0) === before) {
    writeSync(2, `hang: npm run fuzz -- --seed ${seed} --input ${before - 1}\n`);
    process.kill(process.pid, "SIGKILL");
  }
}
