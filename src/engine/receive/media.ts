import type { Encoding } from "./sink.ts";

/** The content types of OTLP/HTTP. */
export const MEDIA_TYPES: Readonly<Record<Encoding, string>> = {
  protobuf: "application/x-protobuf",
  json: "application/json",
};

/** The name under which protobuf was registered after OTLP had chosen its own; a few exporters send it. */
const REGISTERED_PROTOBUF = "application/protobuf";

/** Reads a `Content-Type`; undefined where OTLP has no encoding for it. Parameters such as the charset are ignored. */
export function parseContentType(header: string | undefined): Encoding | undefined {
  switch (mediaType(header)) {
    case "application/x-protobuf":
    case REGISTERED_PROTOBUF:
      return "protobuf";
    case "application/json":
      return "json";
    default:
      return undefined;
  }
}

/** The content type of a reply. It is the request's own, so `application/protobuf` is answered with the same. */
export function replyContentType(encoding: Encoding, requested: string | undefined): string {
  return encoding === "protobuf" && mediaType(requested) === REGISTERED_PROTOBUF
    ? REGISTERED_PROTOBUF
    : MEDIA_TYPES[encoding];
}

export type Compression = "identity" | "gzip" | "deflate" | "zstd";

/** What `Accept-Encoding` says of the receiver, for the reply to an encoding that it does not know. */
export const ACCEPTED_COMPRESSIONS = "gzip, deflate, zstd";

/** Reads a `Content-Encoding`; undefined for one that is not supported, stacked ones among them. */
export function parseContentEncoding(header: string | undefined): Compression | undefined {
  switch (header?.trim().toLowerCase()) {
    case undefined:
    case "":
    case "identity":
      return "identity";
    case "gzip":
    case "x-gzip":
      return "gzip";
    case "deflate":
      return "deflate";
    case "zstd":
      return "zstd";
    default:
      return undefined;
  }
}

function mediaType(header: string | undefined): string | undefined {
  return header?.split(";", 1)[0]?.trim().toLowerCase();
}
