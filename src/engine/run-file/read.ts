import { open, type FileHandle } from "node:fs/promises";
import { err, ok, type Problem, type Result } from "../../base/result.ts";
import { crc32 } from "../log/checksum.ts";
import { decompress } from "../log/compression.ts";
import { decodeRecords, type LogRecord } from "../log/record.ts";
import { decodeDescription, type RunFileDescription } from "./description.ts";
import {
  decodeHead,
  decodeTrailer,
  HEAD_BYTES,
  MAX_DESCRIPTION_BYTES,
  RUN_FILE_VERSION,
  TRAILER_BYTES,
  type Head,
  type RunFileCounts,
} from "./format.ts";
import { FrameScanner, type FileWindow } from "./frame-scanner.ts";
import {
  cannotRead,
  cutRunFile,
  damagedRunFile,
  interrupted,
  newerRunFile,
  notARunFile,
} from "./problems.ts";

/** What a run file says of itself. */
export interface RunFileFacts extends RunFileDescription {
  readonly bytes: number;
  /** What it held when it was complete; undefined for a file that is cut off. */
  readonly counts: RunFileCounts | undefined;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears how much of the file is read, from 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Where there is more damage than this, the first of it is told. */
const MAX_PROBLEMS = 100;

/** Reads what stands at the two ends of a run file. Never rejects, whatever the file holds. */
export function describeRunFile(path: string): Promise<Result<RunFileFacts, Problem>> {
  return withFile(path, async (file) => {
    const opened = await openRunFile(path, file);
    return opened.ok ? ok(opened.value.facts) : opened;
  });
}

/**
 * Visits the records of a run file in their order, holding one frame at a time. Damage costs the frames that it touches;
 * it is among the problems that are answered, as is the end that is missing. Never rejects.
 */
export function readRunFile(
  path: string,
  visit: (record: LogRecord) => void | Promise<void>,
  options: ReadOptions = {},
): Promise<Result<readonly Problem[], Problem>> {
  return withFile(path, async (file) => {
    const opened = await openRunFile(path, file);
    if (!opened.ok) return opened;
    const { window, head, facts } = opened.value;
    const problems: Problem[] = [];
    const damaged = (what: string): void => {
      if (problems.length < MAX_PROBLEMS) problems.push(damagedRunFile(path, what));
    };
    const start = head.headBytes + head.descriptionBytes;
    const end = facts.counts === undefined ? window.bytes : window.bytes - TRAILER_BYTES;
    const scanner = new FrameScanner(window, head.marker, start, end);
    for (let frame = await scanner.next(); frame !== undefined; frame = await scanner.next()) {
      if (options.signal?.aborted === true) return err(interrupted(path));
      if (frame.skippedBytes > 0) damaged(`${frame.skippedBytes} bytes at ${frame.at - frame.skippedBytes}`);
      const payload = await decompress(frame.codec, frame.stored, frame.rawLength);
      if (typeof payload === "string") {
        damaged(payload);
        continue;
      }
      const { records, unreadable } = decodeRecords(payload);
      if (unreadable > 0) damaged(`${unreadable} records of an unknown kind`);
      for (const record of records) {
        // Awaiting a visitor that does not wait would cost a turn a record.
        const visiting = visit(record);
        if (visiting !== undefined) await visiting;
      }
      options.onProgress?.(scanner.position / window.bytes);
    }
    // Of a cut file the last frame is missing in part; that is the cut, and no damage of its own.
    if (facts.counts === undefined) problems.unshift(cutRunFile(path));
    else if (scanner.position < end) damaged(`${end - scanner.position} bytes at ${scanner.position}`);
    return ok(problems);
  });
}

interface OpenedRunFile {
  readonly window: FileWindow;
  readonly head: Head;
  readonly facts: RunFileFacts;
}

async function openRunFile(path: string, file: FileHandle): Promise<Result<OpenedRunFile, Problem>> {
  const { size: bytes } = await file.stat();
  const window: FileWindow = { bytes, read: (position, length) => readAt(file, position, length) };
  const head = decodeHead(await window.read(0, HEAD_BYTES));
  if (head === undefined) return err(notARunFile(path));
  const description = await readDescription(window, head);
  if (head.version > RUN_FILE_VERSION) return err(newerRunFile(path, head.version, description?.madeBy));
  if (description === undefined) return err(notARunFile(path));
  const trailer = decodeTrailer(await window.read(bytes - TRAILER_BYTES, TRAILER_BYTES), bytes);
  const counts = trailer && {
    spanCount: trailer.spanCount,
    pointCount: trailer.pointCount,
    logCount: trailer.logCount,
  };
  return ok({ window, head, facts: { ...description, bytes, counts } });
}

async function readDescription(window: FileWindow, head: Head): Promise<RunFileDescription | undefined> {
  const { headBytes, descriptionBytes, descriptionCrc } = head;
  if (descriptionBytes > MAX_DESCRIPTION_BYTES) return undefined;
  const text = await window.read(headBytes, descriptionBytes);
  return crc32(text) === descriptionCrc ? decodeDescription(text) : undefined;
}

/** As much as the file has there; nothing before its beginning. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  if (position < 0 || length <= 0) return new Uint8Array(0);
  const buffer = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

async function withFile<T>(
  path: string,
  act: (file: FileHandle) => Promise<Result<T, Problem>>,
): Promise<Result<T, Problem>> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (thrown) {
    return err(cannotRead(path, thrown));
  }
  try {
    return await act(file);
  } catch (thrown) {
    return err(cannotRead(path, thrown));
  } finally {
    await file.close().catch(() => undefined);
  }
}
