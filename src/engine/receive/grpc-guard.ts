import { Metadata, ServerInterceptingCall, type ServerInterceptor, type status } from "@grpc/grpc-js";
import { hasToken, type AccessPolicy } from "./access.ts";
import { refuseOverload } from "./export-handler.ts";
import { encodeStatus, type Failure } from "./export-reply.ts";
import { GRPC_CODES } from "./grpc-code.ts";
import type { ReceiverLimits } from "./limits.ts";

interface GuardOptions {
  readonly limits: ReceiverLimits;
  readonly access: AccessPolicy;
  /** Back-pressure: seconds after which senders shall try again, undefined while there is room. */
  readonly overloaded: () => number | undefined;
}

/** A status as grpc-js takes it. */
interface CallStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/**
 * Looks at each call before anything of its message is read: its sender, the size of its headers, and whether there is
 * room; and ends it where the message takes longer than `requestTimeoutMs`. grpc-js has no limits for these.
 *
 * The headers of the reply are sent at once, with `grpc-accept-encoding` among them: a sender whose compression is not
 * known is to be told what is (gRPC's "Compression"), and grpc-js would refuse it without.
 */
export function guardCalls({ limits, access, overloaded }: GuardOptions): ServerInterceptor {
  const { maxHeaderBytes, requestTimeoutMs } = limits;
  const refuse = (metadata: Metadata, peer: string): Failure | undefined =>
    refuseHeaders(metadata, maxHeaderBytes) ??
    refuseSender(metadata, peer, access) ??
    refuseOverload(overloaded);
  return (_method, call) => {
    let cut: NodeJS.Timeout | undefined;
    return new ServerInterceptingCall(call, {
      start(next) {
        next({
          onReceiveMetadata(metadata, take) {
            const refused = refuse(metadata, call.getPeer());
            if (refused !== undefined) {
              call.sendStatus(failedStatus(refused));
              return;
            }
            cut = setTimeout(() => call.sendStatus(failedStatus(TOO_SLOW)), requestTimeoutMs);
            take(metadata);
          },
          onReceiveHalfClose(take) {
            clearTimeout(cut);
            take();
          },
          onCancel() {
            clearTimeout(cut);
          },
        });
        call.sendMetadata(new Metadata());
      },
    });
  };
}

/** A failure, with the whole `google.rpc.Status` in the trailer that carries details. */
export function failedStatus(failure: Failure): CallStatus {
  const metadata = new Metadata();
  if (failure.badRequest === true || failure.retryAfterSeconds !== undefined) {
    metadata.set("grpc-status-details-bin", Buffer.from(encodeStatus(failure, "protobuf")));
  }
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- both have the numbers of google.rpc.Code
  return { code: failure.code, details: failure.message.slice(0, 1000), metadata };
}

/** The first value of a header that holds text. */
export function headerText(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : undefined;
}

function refuseHeaders(metadata: Metadata, maxBytes: number): Failure | undefined {
  if (headerBytes(metadata) <= maxBytes) return undefined;
  return { code: GRPC_CODES.resourceExhausted, message: `The headers exceed ${maxBytes} bytes.` };
}

function refuseSender(metadata: Metadata, peer: string, { token }: AccessPolicy): Failure | undefined {
  if (hasToken(addressOf(peer), headerText(metadata, "authorization"), token)) return undefined;
  return {
    code: GRPC_CODES.unauthenticated,
    message: "Senders on other machines need the token: authorization: Bearer <token>.",
  };
}

/** grpc-js writes a peer as `127.0.0.1:50123`, or `[::1]:50123`, or `::1:50123`. */
function addressOf(peer: string): string {
  return peer.slice(0, Math.max(0, peer.lastIndexOf(":"))).replace(/^\[|\]$/g, "");
}

/** As HTTP/2 counts them, but for the 32 bytes that it adds to each (RFC 9113, 10.5.1). */
function headerBytes(metadata: Metadata): number {
  let size = 0;
  for (const [name, value] of Object.entries(metadata.toHttp2Headers()))
    for (const one of [value ?? ""].flat()) size += name.length + String(one).length;
  return size;
}

/** To be sent again (OTLP/gRPC, "Failures"). */
const TOO_SLOW: Failure = {
  code: GRPC_CODES.deadlineExceeded,
  message: "The message took too long to arrive.",
};
