import { openSessionLog } from "../../../../src/engine/log/session-log.ts";
import { numberedRequest } from "../../../unit/engine/log/arbitrary-records.ts";

/**
 * A program of its own for the kill test: `append-forever.ts FIRST FOLDER...` appends numbered records from FIRST on,
 * some tiny, some large, and prints each one's number when it is acknowledged.
 */
const [, , first = "0", folder = "", ...others] = process.argv;
const log = openSessionLog({ folders: [folder, ...others], maxBytes: 1e9, maxAgeDays: 7 });

let number = Number(first);
for (;;) {
  const burst = Array.from({ length: 1 + (number % 40) }, () => number++);
  await Promise.all(
    burst.map(async (each) => {
      const outcome = await log.append(numberedRequest(each, each % 7 === 0 ? 200_000 : 50));
      process.stdout.write(outcome.ok ? `${each}\n` : `refused ${outcome.error.code}\n`);
    }),
  );
}
