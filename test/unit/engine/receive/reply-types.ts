import protobuf from "protobufjs";

/** The reply messages of OTLP and google.rpc, written down from their specifications; protobufjs reads them independently. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message FieldViolation { string field = 1; string description = 2; }
  message BadRequest { repeated FieldViolation field_violations = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message PartialSuccess { int64 rejected = 1; string error_message = 2; }
  message ExportResponse { PartialSuccess partial_success = 1; }
`);

export type ReplyType = "Status" | "ExportResponse" | "BadRequest" | "RetryInfo";

/** Decodes a reply to plain objects, absent fields left out. Fails where the bytes are not of that message. */
export function decodeReply(type: ReplyType, bytes: Uint8Array): Record<string, unknown> {
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes), { longs: Number });
}
