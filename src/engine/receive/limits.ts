/** What a receiver takes, and how long it waits. Every one may be set; docs/protocols.md lists them for users. */
export interface ReceiverLimits {
  /** Bytes of one request's body after decompression, and of one frame of an agent. The default is OTLP's recommendation. */
  readonly maxBodyBytes: number;
  /** Bytes of all bodies that are being received over HTTP at one moment; more is answered with 503 and Retry-After. */
  readonly maxPendingBytes: number;
  /** Bytes of a request's line and headers together. */
  readonly maxHeaderBytes: number;
  /** Open connections of the HTTP server, agents included; further ones are cut. */
  readonly maxConnections: number;
  /** From a new connection, or from a further request's first byte, to the last header. */
  readonly headersTimeoutMs: number;
  /** From a request's first byte to its last. */
  readonly requestTimeoutMs: number;
  /** How long an idle connection is kept. */
  readonly keepAliveTimeoutMs: number;
}

const MIB = 1024 * 1024;
const SECOND = 1000;

/**
 * The long times are for programs that stand at a breakpoint: a connection that is cut meanwhile costs them an
 * export when they continue. What an idle connection costs here is a few kilobytes.
 */
export const DEFAULT_LIMITS: ReceiverLimits = {
  maxBodyBytes: 64 * MIB,
  maxPendingBytes: 256 * MIB,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 1024,
  headersTimeoutMs: 60 * SECOND,
  requestTimeoutMs: 300 * SECOND,
  keepAliveTimeoutMs: 600 * SECOND,
};
