import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Engine, megabytes } from "../../../../src/host/engine/engine.ts";
import { temporaryFolder } from "../../../unit/engine/log/temporary-folder.ts";
import { buildMortalEngine } from "../../../unit/host/engine/build-mortal-engine.ts";
import { expectAllAcknowledged, startSenders } from "../../engine/senders.ts";

/** Acknowledged requests of each sender's round before the thread dies. */
const DIES_AFTER = 50;

test.each([
  ["an error that nobody catches", "test/die", /the end that the test asked for/],
  ["memory that runs out", "test/fill-memory", /memory/i],
])(
  "nothing that was acknowledged is lost when the engine's thread dies amid ingest of %s, and the next one takes its port",
  { timeout: 120_000 },
  async (_, death, reason) => {
    const folder = await temporaryFolder();
    const script = join(folder, "engine.cjs");
    await buildMortalEngine(script);
    const log = { folders: [join(folder, "log")], maxBytes: megabytes(256), maxAgeDays: 1 };
    const engine = new Engine({
      script,
      maxBytes: () => megabytes(256),
      wantedPorts: () => ({ httpPort: 0, grpcPort: 0 }),
      sessions: () => [],
      log: () => log,
    });
    onTestFinished(() => engine.dispose());
    const opened = await engine.openReceiver();
    if (!opened.ok) throw new Error(opened.error.message);
    const { http } = opened.value;
    const senders = startSenders();
    senders.sendTo(http);
    const acknowledges = (count: number): Promise<unknown> =>
      expect
        .poll(() => senders.acknowledgedCount, { timeout: 60_000, interval: 5 })
        .toBeGreaterThan(senders.acknowledgedCount + count);
    await acknowledges(DIES_AFTER);
    const restarted = new Promise<string>((resolve) => engine.onRestarted(resolve));
    void engine.askByName(death, undefined);
    expect(await restarted).toMatch(reason);
    await acknowledges(DIES_AFTER);
    await senders.finish();
    engine.dispose();
    await expectAllAcknowledged(senders, join(folder, "log"));
  },
);
