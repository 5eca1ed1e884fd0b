import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sealFrame } from "../../src/engine/log/frame.ts";
import { encodeRecord, type LogRecord } from "../../src/engine/log/record.ts";
import {
  decodeDescription,
  encodeDescription,
  type RunFileDescription,
} from "../../src/engine/run-file/description.ts";
import { encodeHead, encodeTrailer, TRAILER_BYTES } from "../../src/engine/run-file/format.ts";
import { describeRunFile, readRunFile } from "../../src/engine/run-file/read.ts";
import type { RunNumber, SessionId } from "../../src/model/ids.ts";
import { MARKER, RECORDS } from "./log-targets.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import { mutateJson } from "./mutate-json.ts";
import type { Target } from "./target.ts";

const DESCRIPTION: RunFileDescription = {
  madeBy: "0.1.0",
  savedMs: 1_700_000_000_000,
  runs: [
    {
      number: 1 as RunNumber,
      name: "shop",
      startMs: 1_700_000_000_000,
      endMs: undefined,
      sessions: [{ id: "abcdefghijklmnopqrstuv" as SessionId, name: "cart" }],
    },
  ],
};

/** Saved runs, damaged: what comes out of one was written into it, and what is missing is told. */
export async function openRunFileTargets(): Promise<{
  targets: readonly Target[];
  close: () => void;
}> {
  const folder = mkdtempSync(join(tmpdir(), "spanlight-fuzz-"));
  const path = join(folder, "saved.spanlight");
  const sound = await savedRun();
  const text = Buffer.from(encodeDescription(DESCRIPTION)).toString();

  const targets: readonly Target[] = [
    {
      name: "saved runs",
      weight: 0.05,
      make: (random) => mutateBytes(sound, random),
      async check(input) {
        writeFileSync(path, input);
        const described = await describeRunFile(path);
        const records: LogRecord[] = [];
        const read = await readRunFile(path, (record) => {
          records.push(record);
        });
        assert.equal(read.ok, described.ok, "a file that tells of itself can be read");
        if (!read.ok) {
          assert.match(read.error.message, /./);
          assert.equal(records.length, 0);
          return "refused";
        }
        for (const record of records) assert.ok(WRITTEN.has(keyOf(record)), "a record was written");
        const isWhole = records.length === FRAMES * RECORDS.length;
        assert.equal(records.length % RECORDS.length, 0, "a frame is kept or lost");
        assert.ok(isWhole || read.value.length > 0, "what is missing is told");
        return isWhole ? "accepted" : "refused";
      },
    },
    {
      name: "descriptions of saved runs",
      weight: 0.5,
      make: (random) => {
        const mutated = Buffer.from(mutateJson(mutateJson(text, random), random));
        return random.chance(0.3) ? mutateBytes(mutated, random) : mutated;
      },
      check(input) {
        const description = decodeDescription(input);
        if (description === undefined) return "refused";
        // As text: a time of -0 is written as 0.
        const written = encodeDescription(description);
        const again = decodeDescription(written);
        assert.ok(again !== undefined && Buffer.compare(encodeDescription(again), written) === 0);
        return "accepted";
      },
    },
  ];
  return { targets, close: () => rmSync(folder, { recursive: true, force: true }) };
}

const FRAMES = 4;

/** As write.ts makes it, but with a marker that is always the same. */
async function savedRun(): Promise<Uint8Array> {
  const payload = joined(...RECORDS.flatMap(encodeRecord));
  const description = encodeDescription(DESCRIPTION);
  const frames = await Promise.all(
    Array.from({ length: FRAMES }, (_, n) => {
      const firstSequence = n * RECORDS.length;
      return sealFrame({ marker: MARKER, payload, recordCount: RECORDS.length, firstSequence }, n % 2 === 0);
    }),
  );
  const body = joined(encodeHead(MARKER, description), description, ...frames);
  const trailer = encodeTrailer({
    frameCount: FRAMES,
    recordCount: FRAMES * RECORDS.length,
    spanCount: FRAMES * RECORDS.length,
    pointCount: 0,
    logCount: 0,
    fileBytes: body.length + TRAILER_BYTES,
  });
  return joined(body, trailer);
}

const WRITTEN = new Set(RECORDS.map(keyOf));

function keyOf(record: LogRecord): string {
  const body = "body" in record ? Buffer.from(record.body).toString("latin1") : "";
  return JSON.stringify({ ...record, body });
}
