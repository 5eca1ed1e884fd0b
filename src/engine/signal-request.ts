import type { RunNumber } from "../model/ids.ts";
import type { DecodeIssues, SpanBatch } from "../model/span-batch.ts";
import type { EnvelopeDecoder } from "./decode/otlp-envelope.ts";
import { bothIssues } from "./decode/otlp-json.ts";
import type { BodyMask } from "./decode/redact-signal.ts";
import type { Redactor } from "./decode/redact.ts";
import type { Encoding, Ingested, Origin } from "./receive/sink.ts";
import { Slices } from "./slices.ts";

/** A request's bytes, and what is known of it besides. */
export interface ReceivedRequest {
  readonly body: Uint8Array;
  readonly encoding: Encoding;
  readonly origin: Origin;
  readonly run: RunNumber;
  /** It comes from the log of an earlier engine: it is older than all that has arrived here, and is not logged again. */
  readonly isReplayed: boolean;
  /** It is a copy that was made to keep a pinned trace's log records ({@link RequestRecord.isCarried}). */
  readonly isCarried?: boolean;
  /** All was cleared while it was being taken, so that it is taken again from its beginning. */
  readonly isRestarted?: boolean;
  /** It is of a file that is opened: hears of its spans, batch by batch. They are not logged: there is the file. */
  readonly onFileSpans?: (batch: SpanBatch) => void;
}

/** The same in protobuf. */
export interface ProtobufRequest extends Omit<ReceivedRequest, "encoding"> {
  /** What was wrong with the JSON that the body was rewritten from. */
  readonly jsonIssues?: DecodeIssues;
}

/**
 * A request of one signal that is being taken part by part, each part in one go: {@link takePart} while {@link isDone}
 * is false, then {@link finish}. Its body is masked in place.
 */
export interface SignalRequest {
  readonly isDone: boolean;
  /** Masks, decodes and stores what takes some milliseconds. */
  takePart(): void;
  /** Counts and logs the request as a whole. */
  finish(): Ingested;
}

/** How bodies of a signal are read. */
export interface SignalFormat {
  /** Masks what has to be masked before the body is decoded. */
  readonly mask: (protobuf: Uint8Array, redactor: Redactor) => BodyMask;
  /** Decodes into one batch, part by part. */
  readonly decoder: (protobuf: Uint8Array) => EnvelopeDecoder;
  /** Of a body, in one part: some milliseconds of decoding and storing. */
  readonly partBytes: number;
}

/** What a signal does with what was decoded. */
export interface SignalTaking {
  /** Takes what is in the batch. Returns how many items that were. */
  readonly takePart: () => number;
  /** Settles when the request may be acknowledged; undefined where that is at once. `acceptedCount` is the sum of what the parts had. */
  readonly log: (
    protobuf: Uint8Array,
    issues: DecodeIssues,
    acceptedCount: number,
  ) => Promise<boolean> | undefined;
}

/** Items of a signal since the start. */
export class SignalCounts {
  /** Those that were taken, resends included. */
  received = 0;
  /** Those that were refused. */
  rejected = 0;
}

/** Begins to take a request of a signal whose body is masked, then decoded. */
export function beginSignal(
  { body: protobuf, jsonIssues }: ProtobufRequest,
  { mask: maskOf, decoder: decoderOf, partBytes }: SignalFormat,
  redactor: Redactor | undefined,
  counts: SignalCounts,
  { takePart, log }: SignalTaking,
): SignalRequest {
  const mask = redactor && maskOf(protobuf, redactor);
  const decoder = decoderOf(protobuf);
  let acceptedCount = 0;
  return {
    get isDone() {
      return decoder.isDone;
    },
    takePart: () => {
      if (mask?.isDone === false) {
        mask.maskPart();
        return;
      }
      decoder.decode(partBytes);
      acceptedCount += takePart();
    },
    finish: () => {
      const issues = bothIssues(jsonIssues, decoder.issues);
      counts.received += acceptedCount;
      counts.rejected += issues.rejectedCount;
      return { acceptedCount, ...issues, logged: log(protobuf, issues, acceptedCount) };
    },
  };
}

/** Takes requests at once, or in slices while other work goes on. */
export class RequestTaker {
  readonly #slices = new Slices();
  readonly #underWay = new Set<{ hasToRestart: boolean }>();
  #pendingBytes = 0;

  /** Bytes of the bodies that {@link takeInSlices} is at. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  takeAtOnce(request: SignalRequest): Ingested {
    while (!request.isDone) request.takePart();
    return request.finish();
  }

  /**
   * Rejects for faults of this program only.
   * @param begin begins to take the request; is called again after {@link restart}, and then told so
   */
  async takeInSlices(byteLength: number, begin: (isRestarted: boolean) => SignalRequest): Promise<Ingested> {
    const underWay = { hasToRestart: false };
    this.#underWay.add(underWay);
    this.#pendingBytes += byteLength;
    try {
      let request: SignalRequest | undefined;
      let taken: Ingested | undefined;
      await this.#slices.run(() => {
        if (request === undefined || underWay.hasToRestart) request = begin(underWay.hasToRestart);
        else if (request.isDone) taken = request.finish();
        else request.takePart();
        underWay.hasToRestart = false;
        return taken === undefined;
      });
      if (taken === undefined) throw new Error("A request has come to no end.");
      return taken;
    } finally {
      this.#pendingBytes -= byteLength;
      this.#underWay.delete(underWay);
    }
  }

  /**
   * To be called when what is held has been cleared: requests that are under way are taken again from their beginning. They
   * count as later, since they are acknowledged and logged later: a replay of the log comes to the same.
   */
  restart(): void {
    for (const request of this.#underWay) request.hasToRestart = true;
  }
}
