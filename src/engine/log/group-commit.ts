import { err, ok, type Problem, type Result } from "../../base/result.ts";
import type { FolderWriter } from "./folder-writer.ts";
import { sealFrame } from "./frame.ts";
import { logBehind, sealingFailed, type LogProblem } from "./problems.ts";
import { encodeRecord, type LogRecord } from "./record.ts";

/** Records are gathered into frames of about this size: larger ones compress no better, and one that is damaged costs all of it. */
const FRAME_BYTES = 1024 * 1024;

/** Frames that are being compressed or written at a time. What comes meanwhile is gathered: under load frames grow, without load nobody waits. */
const FRAMES_AT_WORK = 3;

/** With this much waiting, frames are stored as they are until the log has caught up. */
const HURRY_BYTES = 16 * 1024 * 1024;

export interface GroupCommitOptions {
  readonly writers: readonly FolderWriter[];
  readonly marker: Uint8Array;
  readonly maxWaitingBytes: number;
  readonly onProblem: (problem: LogProblem) => void;
  readonly onRecovered: (folder: undefined) => void;
}

/** Records that go into one frame, and are acknowledged together. */
interface Group {
  readonly chunks: Uint8Array[];
  bytes: number;
  recordCount: number;
  readonly clears: boolean;
  readonly settled: Promise<Result<void, Problem>>;
  readonly settle: (outcome: Result<void, Problem>) => void;
}

/** In an object: a promise of a promise would make the next frame wait until this one is on disk. */
interface HandedOver {
  readonly written: Promise<LogProblem | undefined>;
}

/** Gathers records into frames, compresses these side by side, and hands them to the folders in their order. */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #gathering: Group[] = [];
  readonly #atWork = new Set<Group>();
  #scheduled = false;
  #lagBytes = 0;
  #isBehind = false;
  #appendedCount = 0;
  #nextSequence = 0;
  #handedOver: Promise<unknown> = Promise.resolve();

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** What was appended and is in no file yet. */
  get lagBytes(): number {
    return this.#lagBytes;
  }

  /** How many records were taken; the next one gets this number. */
  get appendedCount(): number {
    return this.#appendedCount;
  }

  append(record: LogRecord): Promise<Result<void, Problem>> {
    const refusals = this.#options.writers.map((writer) => writer.refusal);
    const [refusal] = refusals;
    if (refusal !== undefined && !refusals.includes(undefined)) return Promise.resolve(err(refusal));

    const chunks = encodeRecord(record);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (this.#lagBytes > 0 && this.#lagBytes + bytes > this.#options.maxWaitingBytes) {
      return Promise.resolve(err(this.#fallBehind()));
    }
    this.#lagBytes += bytes;
    this.#appendedCount++;
    const group = this.#groupFor(bytes, record.kind === "cleared" && !record.keepPinned);
    group.chunks.push(...chunks);
    group.bytes += bytes;
    group.recordCount++;
    this.#schedule();
    return group.settled;
  }

  /** Resolves when everything that was appended before this call is in a file, or has failed. */
  async settled(): Promise<void> {
    await Promise.all([...this.#atWork, ...this.#gathering].map((group) => group.settled));
  }

  /** The group that the next record joins. One that clears begins a group, so that it can begin a segment. */
  #groupFor(bytes: number, clears: boolean): Group {
    const last = this.#gathering.at(-1);
    if (last !== undefined && !clears && last.bytes + bytes <= FRAME_BYTES) return last;
    let settle: Group["settle"] = () => undefined;
    const settled = new Promise<Result<void, Problem>>((resolve) => (settle = resolve));
    const group: Group = { chunks: [], bytes: 0, recordCount: 0, clears, settled, settle };
    this.#gathering.push(group);
    return group;
  }

  /** Waits for the end of this turn of the event loop: the requests that are read in one turn share a frame. */
  #schedule(): void {
    if (this.#scheduled || this.#atWork.size >= FRAMES_AT_WORK) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#atWork.size < FRAMES_AT_WORK) {
        const group = this.#gathering.shift();
        if (group === undefined) return;
        this.#atWork.add(group);
        void this.#commit(group);
      }
    });
  }

  async #commit(group: Group): Promise<void> {
    const sealing = this.#seal(group);
    const handingOver = this.#handOver(sealing, group.clears, this.#handedOver);
    this.#handedOver = handingOver;
    const problem = await (await handingOver).written;

    this.#atWork.delete(group);
    this.#lagBytes -= group.bytes;
    this.#catchUp();
    group.settle(problem === undefined ? ok(undefined) : err(problem));
    if (this.#gathering.length > 0) this.#schedule();
  }

  async #seal(group: Group): Promise<Uint8Array> {
    const { recordCount } = group;
    const firstSequence = this.#nextSequence;
    this.#nextSequence += recordCount;
    const payload = Buffer.concat(group.chunks.splice(0));
    const content = { marker: this.#options.marker, payload, recordCount, firstSequence };
    return sealFrame(content, this.#lagBytes < HURRY_BYTES);
  }

  /** Frames are ready in any order and are written in theirs: each waits until the earlier one is in the folders' queues. */
  async #handOver(
    sealing: Promise<Uint8Array>,
    clears: boolean,
    earlier: Promise<unknown>,
  ): Promise<HandedOver> {
    const [sealed] = await Promise.allSettled([sealing, earlier]);
    if (sealed.status === "rejected") return { written: Promise.resolve(sealingFailed(sealed.reason)) };
    return {
      written: firstSuccess(this.#options.writers.map((writer) => writer.write(sealed.value, clears))),
    };
  }

  #fallBehind(): LogProblem {
    const problem = logBehind();
    if (!this.#isBehind) this.#options.onProblem(problem);
    this.#isBehind = true;
    return problem;
  }

  #catchUp(): void {
    if (!this.#isBehind || this.#lagBytes > this.#options.maxWaitingBytes / 2) return;
    this.#isBehind = false;
    this.#options.onRecovered(undefined);
  }
}

/** Undefined as soon as one of the writings has succeeded; a problem when all have failed. There is at least one. */
function firstSuccess(writings: readonly Promise<LogProblem | undefined>[]): Promise<LogProblem | undefined> {
  return new Promise((resolve) => {
    let pendingCount = writings.length;
    for (const writing of writings) {
      void writing.then((problem) => {
        pendingCount--;
        if (problem === undefined || pendingCount === 0) resolve(problem);
      });
    }
  });
}
