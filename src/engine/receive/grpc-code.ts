/** The codes of `google.rpc.Code` that receivers answer with, over gRPC and in the bodies of HTTP errors. */
export const GRPC_CODES = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export type GrpcCode = (typeof GRPC_CODES)[keyof typeof GRPC_CODES];
