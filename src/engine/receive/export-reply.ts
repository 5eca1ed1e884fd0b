import { WireWriter } from "../../base/wire-writer.ts";
import type { Signal } from "./endpoint.ts";
import type { GrpcCode } from "./grpc-code.ts";
import type { Encoding, Ingested } from "./sink.ts";

/** Replies are bounded whatever was wrong with the request: no client has use for more text than this. */
const MAX_MESSAGE_LENGTH = 1000;

const REJECTED_FIELD: Readonly<Record<Signal, string>> = {
  traces: "rejectedSpans",
  metrics: "rejectedDataPoints",
  logs: "rejectedLogRecords",
};

/**
 * Writes an `Export<Signal>ServiceResponse`. Partial success stays unset where everything was taken, as OTLP demands,
 * and is present with a count of 0 where there is only something to tell.
 */
export function encodeExportResponse(signal: Signal, ingested: Ingested, encoding: Encoding): Uint8Array {
  const text = shortened(ingested.message);
  const partial = ingested.rejectedCount > 0 || text !== "";
  if (encoding === "protobuf")
    return partial ? protobufPartialSuccess(ingested.rejectedCount, text) : NO_BYTES;
  // 64-bit integers are strings in protobuf's JSON.
  const partialSuccess = { [REJECTED_FIELD[signal]]: String(ingested.rejectedCount), errorMessage: text };
  return jsonBytes(partial ? { partialSuccess } : {});
}

/** Tags of the messages below: the fields' numbers with their wire types. */
const FIELD_1_VARINT = 0x08;
const FIELD_1_BYTES = 0x0a;
const FIELD_2_BYTES = 0x12;
const FIELD_3_BYTES = 0x1a;

function protobufPartialSuccess(rejectedCount: number, text: string): Uint8Array {
  const writer = new WireWriter();
  const partialSuccess = writer.begin(FIELD_1_BYTES);
  writer.varint(FIELD_1_VARINT);
  writer.varint(rejectedCount);
  writer.stringField(FIELD_2_BYTES, text);
  writer.end(partialSuccess);
  return writer.written;
}

/** A failed request as `google.rpc.Status` tells it. */
export interface Failure {
  readonly code: GrpcCode;
  readonly message: string;
  /** The body cannot be read, whoever sends it again: a `google.rpc.BadRequest` goes along. */
  readonly badRequest?: boolean;
  /** When to try again: a `google.rpc.RetryInfo` goes along. */
  readonly retryAfterSeconds?: number;
}

const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";
const RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";

/** Writes a failure as `google.rpc.Status`, the body of every OTLP reply that is an error. */
export function encodeStatus(failure: Failure, encoding: Encoding): Uint8Array {
  const text = shortened(failure.message);
  return encoding === "protobuf" ? protobufStatus(failure, text) : jsonStatus(failure, text);
}

function protobufStatus({ code, badRequest, retryAfterSeconds }: Failure, text: string): Uint8Array {
  const writer = new WireWriter();
  writer.varint(FIELD_1_VARINT);
  writer.varint(code);
  writer.stringField(FIELD_2_BYTES, text);
  if (badRequest === true) {
    writeDetail(writer, BAD_REQUEST, () => {
      const violation = writer.begin(FIELD_1_BYTES);
      writer.stringField(FIELD_1_BYTES, "body");
      writer.stringField(FIELD_2_BYTES, text);
      writer.end(violation);
    });
  }
  if (retryAfterSeconds !== undefined) {
    writeDetail(writer, RETRY_INFO, () => {
      const delay = writer.begin(FIELD_1_BYTES);
      writer.varint(FIELD_1_VARINT);
      writer.varint(retryAfterSeconds);
      writer.end(delay);
    });
  }
  return writer.written;
}

/** A `google.protobuf.Any` in the status' list of details. */
function writeDetail(writer: WireWriter, type: string, writeValue: () => void): void {
  const detail = writer.begin(FIELD_3_BYTES);
  writer.stringField(FIELD_1_BYTES, type);
  const value = writer.begin(FIELD_2_BYTES);
  writeValue();
  writer.end(value);
  writer.end(detail);
}

function jsonStatus({ code, badRequest, retryAfterSeconds }: Failure, text: string): Uint8Array {
  const details: object[] = [];
  if (badRequest === true) {
    details.push({ "@type": BAD_REQUEST, fieldViolations: [{ field: "body", description: text }] });
  }
  if (retryAfterSeconds !== undefined) {
    details.push({ "@type": RETRY_INFO, retryDelay: `${retryAfterSeconds}s` });
  }
  return jsonBytes(details.length === 0 ? { code, message: text } : { code, message: text, details });
}

const NO_BYTES = new Uint8Array(0);

function jsonBytes(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value), "utf8");
}

function shortened(text: string): string {
  return text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH)}…`;
}
