import { readFile, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SEGMENT_HEADER_BYTES } from "../../../../src/engine/log/segment.ts";
import type { LogRecord } from "../../../../src/engine/log/record.ts";
import { comparable, logRecord } from "./arbitrary-records.ts";
import { openTestLog, replayed } from "./open-test-log.ts";
import { segmentFiles, temporaryFolder } from "./temporary-folder.ts";

/** Something that happens to the bytes from `at` on, and how many of them it concerns. */
interface Accident {
  readonly name: string;
  readonly at: number;
  readonly length: number;
  readonly apply: (bytes: Buffer, at: number, length: number) => Buffer;
}

const accident: fc.Arbitrary<Accident> = fc
  .record({
    at: fc.double({ min: 0, max: 0.9999999, noNaN: true }),
    length: fc.integer({ min: 1, max: 600 }),
    how: fc.constantFrom<Pick<Accident, "name" | "apply">>(
      {
        name: "inverted",
        apply: (bytes, at, length) => spliced(bytes, at, length, (part) => part.map((byte) => ~byte)),
      },
      { name: "zeroed", apply: (bytes, at, length) => spliced(bytes, at, length, (part) => part.fill(0)) },
      { name: "removed", apply: (bytes, at, length) => spliced(bytes, at, length, () => Buffer.alloc(0)) },
      {
        name: "doubled",
        apply: (bytes, at, length) => spliced(bytes, at, length, (part) => Buffer.concat([part, part])),
      },
    ),
  })
  .map(({ how, ...place }) => ({ ...how, ...place }));

test("whatever happens to a stretch of a segment, all records outside of it are replayed, and none that was not written", async () => {
  const bursts = fc.array(fc.array(logRecord, { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(bursts, accident, async (appended, { at, length, apply }) => {
      const { folder, file, frameStarts } = await written(appended);
      const bytes = await readFile(file);
      const start = SEGMENT_HEADER_BYTES + Math.floor(at * (bytes.length - SEGMENT_HEADER_BYTES));
      await writeFile(file, apply(bytes, start, length));

      const { records } = await replayed([folder]);
      const isHit = (index: number): boolean =>
        (frameStarts[index] ?? 0) < start + length && (frameStarts[index + 1] ?? bytes.length) > start;
      const read = records.map(textOf);
      // The numbers of the frames that were read, each of them whole, in order and once.
      let position = 0;
      const wholeFrames = appended.map((burst, index) => {
        const expected = burst.map(textOf);
        const isRead = expected.every((text, offset) => read[position + offset] === text);
        if (isRead) position += expected.length;
        return isRead || isHit(index);
      });
      expect(wholeFrames).toEqual(appended.map(() => true));
      expect(position).toBe(read.length);
    }),
    { numRuns: 150 },
  );
});

/** A record as text that is the same for equal records, whatever the order of their fields. */
function textOf(record: LogRecord): string {
  const fields = Object.entries(comparable(record)).filter(([, value]) => value !== undefined);
  return JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Appends each burst as a frame of its own. */
async function written(
  bursts: readonly (readonly LogRecord[])[],
): Promise<{ readonly folder: string; readonly file: string; readonly frameStarts: readonly number[] }> {
  const folder = await temporaryFolder();
  const log = openTestLog({ folders: [folder] });
  const frameStarts: number[] = [];
  for (const burst of bursts) {
    frameStarts.push(Math.max(log.status.bytes, SEGMENT_HEADER_BYTES));
    await Promise.all(burst.map((record) => log.append(record)));
  }
  await log.close();
  const [file = ""] = await segmentFiles(folder);
  return { folder, file, frameStarts };
}

function spliced(bytes: Buffer, at: number, length: number, change: (part: Buffer) => Uint8Array): Buffer {
  const part = Buffer.from(bytes.subarray(at, at + length));
  return Buffer.concat([bytes.subarray(0, at), change(part), bytes.subarray(at + length)]);
}
