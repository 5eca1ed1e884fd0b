import type { Signal } from "./endpoint.ts";
import { encodeExportResponse, type Failure } from "./export-reply.ts";
import { GRPC_CODES } from "./grpc-code.ts";
import { err, messageOf, ok, type Result } from "../../base/result.ts";
import { isLargeBody, type Encoding, type Ingested, type Origin, type TelemetrySink } from "./sink.ts";

/** What the receivers of all transports share. */
export interface ExportHandlerOptions {
  readonly sink: TelemetrySink;
  /** Back-pressure: seconds after which senders shall try again, undefined while there is room. */
  readonly overloaded: () => number | undefined;
  /** Hears of faults of this program, which the sender can do nothing about. */
  readonly onFault: (message: string) => void;
}

/** The reply's body, or what went wrong, for HTTP and gRPC alike. */
export type ExportOutcome = Result<Uint8Array, ExportFailure>;

/** `kind` decides the status that HTTP gives the failure. */
export interface ExportFailure extends Failure {
  readonly kind: "malformed" | "overloaded" | "internal";
}

/** Why nothing is taken right now; undefined while there is room. */
export function refuseOverload(overloaded: () => number | undefined): ExportFailure | undefined {
  const seconds = overloaded();
  return seconds === undefined ? undefined : overload(seconds);
}

export function overload(retryAfterSeconds: number): ExportFailure {
  return {
    kind: "overloaded",
    code: GRPC_CODES.unavailable,
    message: "Too much is being received at this moment.",
    retryAfterSeconds,
  };
}

/** What is asked of a sender whose request could not be logged in time. */
const LOG_RETRY_AFTER_SECONDS = 1;

/** Hands one request to the sink, a small one at once, waits until it may be acknowledged, and words the reply, as OTLP's section on responses has it. */
export async function handleExport(
  signal: Signal,
  body: Uint8Array,
  encoding: Encoding,
  origin: Origin,
  { sink, onFault }: ExportHandlerOptions,
): Promise<ExportOutcome> {
  let ingested: Ingested;
  try {
    ingested = isLargeBody(signal, body)
      ? await sink.takeInSlices(signal, body, encoding, origin)
      : sink[signal](body, encoding, origin);
  } catch (thrown) {
    onFault(messageOf(thrown));
    return err({
      kind: "internal",
      code: GRPC_CODES.internal,
      message: "The receiver failed on this request.",
    });
  }
  if (ingested.malformed) {
    return err({
      kind: "malformed",
      code: GRPC_CODES.invalidArgument,
      message: ingested.message,
      badRequest: true,
    });
  }
  if ((await ingested.logged) === false) return err(overload(LOG_RETRY_AFTER_SECONDS));
  return ok(encodeExportResponse(signal, ingested, encoding));
}
